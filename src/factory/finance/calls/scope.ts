/** Whom a provider may work for: its owner may keep it to personas (a dear model for one of them) and to projects. */
import { DarkFactoryError } from '../../../lib/failure.ts';
import { AUDITOR } from '../../model/agents.ts';
import type { ProviderConfig } from '../../model/finance.ts';
import type { Project } from '../../model/project.ts';
import { awaitsSealing, SEALER } from '../../model/sealing/sealer.ts';
import type { StateStore } from '../../ports.ts';
import { FACTORY } from '../deps.ts';
import type { Candidate } from '../providers/select.ts';

type Limits = Pick<ProviderConfig, 'id' | 'model' | 'personas' | 'projects'>;

/** Names under which the work goes that a call is for; any of them will do. */
export interface Purpose {
  personas: readonly string[];
  /** Ids and names of the project and of those that it was forked from. */
  projects: readonly string[];
  /** Id or model that the personas of the project are kept to. */
  model?: string | undefined;
}

export function permits({ id, model, personas, projects }: Limits, purpose: Purpose): boolean {
  const among = (limit: readonly string[] | undefined, names: readonly string[]) =>
    limit === undefined || names.some((name) => limit.includes(name));
  const kept = purpose.model === undefined || purpose.model === id || purpose.model === model;
  return kept && among(personas, purpose.personas) && among(projects, purpose.projects);
}

/** @returns `null` for what is done for no project: a probe may go to any provider */
export async function purposeOf(
  state: Pick<StateStore, 'project'>,
  projectId: string,
  persona: string | undefined,
): Promise<Purpose | null> {
  if (projectId === FACTORY) return null;
  const project = await state.project(projectId).get();
  // Whoever judges, or seals, is meant to be another one.
  const model = persona === AUDITOR || persona === SEALER ? undefined : project.settings.model;
  return { personas: namesOf(persona, project), projects: await lineOf(state, project), model };
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
  { state }: { state: Pick<StateStore, 'project'> },
  projectId: string,
  candidates: readonly Candidate[],
): Promise<readonly Candidate[]> {
  if (projectId === FACTORY) return candidates;
  const project = await state.project(projectId).get();
  const { model } = project.settings;
  if (model === undefined && candidates.every(({ provider }) => isOpen(provider))) return candidates;
  const projects = await lineOf(state, project);
  const personas = rolesOf(project).flatMap((role) => namesOf(role, project));
  return candidates.filter(({ provider }) => permits(provider, { personas, projects, model }));
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
  state: Pick<StateStore, 'project' | 'providers'>,
  project: Project,
): Promise<void> {
  const { providers } = await state.providers().get();
  if (project.settings.model === undefined && providers.every(isOpen)) return;
  for (const role of rolesOf(project)) {
    const purpose = await purposeOf(state, project.id, role);
    if (purpose === null || providers.some((each) => each.enabled && permits(each, purpose))) continue;
    const hint = 'Let one: df provider update <id> --personas none --projects none takes its limits away.';
    throw new DarkFactoryError(
      'environment',
      'provider_not_permitted',
      notPermitted(providers, purpose).replace(/ Let one: .*$/, ''),
      hint,
    );
  }
}
