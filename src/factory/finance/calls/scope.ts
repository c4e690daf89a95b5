/** Whom a provider may work for: its owner may keep it to personas (a dear model for one of them) and to projects. */
import { DarkFactoryError } from '../../../lib/failure.ts';
import { AUDITOR } from '../../model/agents.ts';
import type { ProviderConfig } from '../../model/money/finance.ts';
import type { Tier } from '../../model/money/tier.ts';
import type { Project } from '../../model/project.ts';
import { awaitsSealing, SEALER } from '../../model/sealing/sealer.ts';
import type { StateStore } from '../../ports.ts';
import { FACTORY } from '../deps.ts';
import type { Candidate } from '../providers/select.ts';
import { readEscalation } from '../routing/escalation.ts';
import { type Asking, type Route, type RoutingConfig, routesOf } from '../routing/routes.ts';
import { isTier } from '../routing/tiers.ts';

type Limits = Pick<ProviderConfig, 'id' | 'model' | 'personas' | 'projects'>;

/** Names under which the work goes that a call is for; any of them will do. */
export interface Purpose {
  personas: readonly string[];
  /** Ids and names of the project and of those that it was forked from. */
  projects: readonly string[];
  /** Id or model that the call is kept to. */
  model?: string | undefined;
  /** Tier that it is kept to, with its providers. */
  tier?: { name: Tier; ids: readonly string[] } | undefined;
}

export function permits({ id, model, personas, projects }: Limits, purpose: Purpose): boolean {
  const among = (limit: readonly string[] | undefined, names: readonly string[]) =>
    limit === undefined || names.some((name) => limit.includes(name));
  const kept =
    (purpose.model === undefined || purpose.model === id || purpose.model === model) &&
    (purpose.tier === undefined || purpose.tier.ids.includes(id));
  return kept && among(personas, purpose.personas) && among(projects, purpose.projects);
}

/** What a call needs to know of its project and its owner's settings. */
export interface ScopeDeps {
  state: Pick<StateStore, 'project'>;
  config: RoutingConfig;
}

/**
 * What a call is for: as it should be, then what takes its place where nobody of the tier can be asked.
 *
 * @returns `null` for what is done for no project: a probe may go to any provider
 */
export async function purposesOf(
  { state, config }: ScopeDeps,
  projectId: string,
  asking: Asking,
): Promise<readonly Purpose[] | null> {
  if (projectId === FACTORY) return null;
  const project = await state.project(projectId).get();
  const base = { personas: namesOf(asking.persona, project), projects: await lineOf(state, project) };
  return routesOf(config, project, asking).map((route) => ({
    ...base,
    ...keptTo(config, route),
  }));
}

function keptTo({ tiers }: RoutingConfig, route: Route): Pick<Purpose, 'model' | 'tier'> {
  if (route === null) return {};
  return isTier(tiers, route) ? { tier: { name: route, ids: tiers[route] ?? [] } } : { model: route };
}

/** Who writes sealed checks does it in a persona's place. */
function namesOf(persona: string | undefined, { personas, settings }: Project): string[] {
  if (persona === undefined) return personas.slice(0, 1).map(({ templateName }) => templateName);
  const { sealWith } = settings;
  return persona === SEALER && sealWith !== undefined ? [SEALER, sealWith.persona] : [persona];
}

async function lineOf(state: Pick<StateStore, 'project'>, project: Project): Promise<string[]> {
  const names: string[] = [];
  for (let each = project; !names.includes(each.id); ) {
    names.push(each.id, each.name);
    if (each.parentProjectId === undefined) break;
    try {
      each = await state.project(each.parentProjectId).get();
    } catch (error) {
      // It was removed; its own limits end with it.
      if (!(error instanceof DarkFactoryError) || error.code !== 'project_not_found') throw error;
      break;
    }
  }
  return names;
}

/** Of these, the ones that may work for any persona of the project, its judge or whoever seals its checks. */
export async function usableFor(
  deps: ScopeDeps & { state: Pick<StateStore, 'agent' | 'tasks'> },
  projectId: string,
  candidates: readonly Candidate[],
): Promise<readonly Candidate[]> {
  if (projectId === FACTORY) return candidates;
  const project = await deps.state.project(projectId).get();
  if (isFree(deps, project, candidates)) return candidates;
  const names = project.personas.map(({ templateName }) => templateName);
  const purposes = async (persona: string, escalatedTo?: Tier) =>
    (await purposesOf(deps, projectId, { persona, escalatedTo })) ?? [];
  const found = names.map(async (each) => purposes(each, (await readEscalation(deps, projectId, each))?.to));
  const work = (await Promise.all(found)).flat();
  const others = rolesOf(project).filter((role) => !names.includes(role));
  const judging = (await Promise.all(others.map((role) => purposes(role)))).flat();
  // Where the work is kept to some, one that could only judge it wakes nobody.
  const mayJudge = (each: Limits, { model, tier, ...whom }: Purpose) =>
    (model === undefined && tier === undefined ? work : [{ model, tier }]).some((kept) =>
      permits(each, { ...whom, model: kept.model, tier: kept.tier }),
    );
  return candidates.filter(
    ({ provider }) =>
      work.some((each) => permits(provider, each)) || judging.some((each) => mayJudge(provider, each)),
  );
}

/** Nothing limits who works for it. */
function isFree(
  { config }: Pick<ScopeDeps, 'config'>,
  project: Project,
  providers: readonly { provider: Limits }[],
): boolean {
  if (config.routing.escalate.to !== undefined || !providers.every(({ provider }) => isOpen(provider)))
    return false;
  return rolesOf(project).every((persona) =>
    routesOf(config, project, { persona }).every((route) => route === null),
  );
}

const isOpen = ({ personas, projects }: Pick<Limits, 'personas' | 'projects'>) =>
  personas === undefined && projects === undefined;

/** Whoever asks a model for a project: its personas, its judge, whoever seals its checks. */
export function rolesOf(project: Project): string[] {
  const roles = [...project.personas.map(({ templateName }) => templateName), AUDITOR];
  return awaitsSealing(project) ? [...roles, SEALER] : roles;
}

/** Why none of the providers may be asked. */
export function notPermitted(providers: readonly Limits[], purpose: Purpose): string {
  const { model } = purpose;
  if (model !== undefined && !providers.some((each) => each.id === model || each.model === model))
    return `The project is kept to ${model}, and no provider of that id or model is switched on. Let one: df provider add or enable, then df resume.`;
  if (purpose.tier !== undefined)
    return `No provider of the tier ${purpose.tier.name} (${purpose.tier.ids.join(', ')}) may work for ${purpose.personas.join(' or ')} in this project. Let one: df provider add, enable or update <id> --personas … --projects …, or change tiers in config.yaml; then df resume.`;
  const limits = providers.map(
    ({ id, personas, projects }) =>
      `${id} for ${[
        personas?.join(', '),
        projects === undefined ? undefined : `projects ${projects.join(', ')}`,
      ]
        .filter((part) => part !== undefined)
        .join(' in ')}`,
  );
  return `No provider may work for ${purpose.personas.join(' or ')} in this project (${limits.join('; ')}). Let one: df provider update <id> --personas … --projects …, then df resume.`;
}

/**
 * Throws `environment`/`provider_not_permitted` where a persona of the project, its judge or whoever seals its checks could never be
 * answered by any provider that is switched on.
 */
export async function requireProviders(
  deps: ScopeDeps & { state: Pick<StateStore, 'providers'> },
  project: Project,
): Promise<void> {
  const { providers } = await deps.state.providers().get();
  if (
    isFree(
      deps,
      project,
      providers.map((provider) => ({ provider })),
    )
  )
    return;
  for (const persona of rolesOf(project)) {
    const purposes = await purposesOf(deps, project.id, { persona });
    const wanted = purposes?.[0];
    if (purposes === null || wanted === undefined) continue;
    if (providers.some((each) => each.enabled && purposes.some((one) => permits(each, one)))) continue;
    const hint = 'Let one: df provider update <id> --personas none --projects none takes its limits away.';
    throw new DarkFactoryError(
      'environment',
      'provider_not_permitted',
      notPermitted(providers, wanted).replace(/ Let one: .*$/, ''),
      hint,
    );
  }
}
