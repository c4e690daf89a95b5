import type { NewId } from '../../../lib/ids.ts';
import type { Config } from '../../config/config.ts';
import { tierNames, tierProblems } from '../../finance/routing/tiers.ts';
import { findEcosystem } from '../../gates/ecosystems/ecosystem.ts';
import { baseTree } from '../../gates/run/commands.ts';
import { type GatePlan, planGates } from '../../gates/run/gate-plan.ts';
import { sealSettings } from '../../gates/run/sealed.ts';
import type { AgentState } from '../../model/agent.ts';
import type { FinanceState } from '../../model/money/finance.ts';
import { wishesOf } from '../../model/personas/persona.ts';
import type { Project } from '../../model/project.ts';
import { SEALER } from '../../model/sealing/sealer.ts';
import type { GitManager, NewProjectFiles, StateStore } from '../../ports.ts';
import { refuseTwoSeals, sealerWarnings, sealWithSettings } from '../../sealing/order.ts';
import { requireModel } from '../require-model.ts';
import { checkedInput, type NewProject } from './new-project.ts';
import { loadPersonas, type PersonaDeps } from './personas.ts';
import { sameName } from './same-name.ts';
import { findBelow, turnOf } from './stand-on.ts';

export interface CreateDeps extends PersonaDeps {
  state: StateStore;
  git: GitManager;
  config: Config;
  newId: NewId;
  /** Branches that are taken, by planned projects too. Missing: those of open projects. */
  planned?: ReadonlySet<string>;
  now(): Date;
}

export interface CreatedProject {
  project: Project;
  plan: GatePlan;
  /** Sentences about what will probably go wrong later. */
  warnings: string[];
}

/** A project that could be made, with its first documents. */
export interface PlannedProject extends CreatedProject {
  first: NewProjectFiles;
}

const DIRTY =
  'The checkout has changes that are not committed. They stay as they are, and the factory does not see them.';

/**
 * Makes a project: everything is checked before anything is written, and its folder appears whole or not at all. The owner's
 * repository is only read.
 *
 * @throws DarkFactoryError for a bad name, description, repository, base branch or persona, and where no tests could be run
 */
export async function createProject(deps: CreateDeps, input: NewProject): Promise<CreatedProject> {
  const { first, ...created } = await planProject(deps, input);
  const { project, agents, finance, sealed } = first;
  await deps.state.createProject(project, agents, finance, sealed);
  return created;
}

/** All checks of `createProject`, and what it would write. */
export async function planProject(deps: CreateDeps, given: NewProject): Promise<PlannedProject> {
  const { state, git, config } = deps;
  const input = checkedInput(given);
  const { name, description } = input;
  const { repository, baseBranch, baseCommit } = await findBase(deps, input);
  const personas = await loadPersonas(deps, repository.root, input.personas ?? config.defaultPersonas);
  if (input.model !== undefined) await requireModel(deps, input.model);
  const turn = await turnOf(state, input);
  const now = deps.now();
  const id = input.id ?? deps.newId();
  const taken = deps.planned ?? new Set((await state.listOpenProjects()).map((each) => each.workBranch));
  const project: Project = {
    schemaVersion: 1,
    version: 0,
    id,
    name,
    description,
    status: 'initializing',
    createdAt: now,
    updatedAt: now,
    maxRuntime: input.maxRuntime ?? config.defaultMaxRuntime,
    baseBranch: baseBranch ?? baseCommit,
    workBranch: await git.generateBranchName(repository.root, name, now, taken),
    worktreePath: state.worktreePath(id),
    personas,
    childProjectIds: [],
    totalCost: 0,
    tokensUsed: 0,
    repository: repository.root,
    gitDir: repository.commonDir,
    baseCommit,
    ...unbegun(config, input),
    ...turn,
  };
  const paths = await git.listFiles(project.repository, baseCommit);
  const tree = baseTree(git, project, paths);
  const ecosystem = await findEcosystem(tree);
  const { settings } = project;
  if (input.sealed !== undefined) {
    settings.sealed = sealSettings(input.sealed, settings, ecosystem, { root: repository.root, paths });
  }
  const warnings = repository.dirty ? [DIRTY] : [];
  warnings.push(...(await git.checkoutProblems(repository.root, baseCommit)));
  warnings.push(...(await sameName(state, name)), ...(await tierWarnings(deps)));
  if (input.sealWith !== undefined) {
    if (input.sealed !== undefined) refuseTwoSeals();
    settings.sealWith = await sealerOf(deps, input.sealWith, project, ecosystem);
    warnings.push(...sealerWarnings(await state.providers().get()));
  }
  const plan = await planGates(deps.config, project, ecosystem, tree);
  if (plan.notChecked.length > 0) settings.notChecked = plan.notChecked;
  warnings.unshift(...plan.warnings);
  const names = personas.map(({ templateName }) => templateName);
  const agents = [...names, ...(input.sealWith === undefined ? [] : [SEALER])];
  const first = {
    project,
    agents: agents.map((each) => newAgent(id, each)),
    finance: newFinance(id, config),
    ...(input.sealed === undefined ? {} : { sealed: input.sealed.files }),
  };
  return { project, plan, warnings, first };
}

/** From which commit of which repository it begins. */
async function findBase(deps: CreateDeps, input: NewProject) {
  const repository = await deps.git.inspectRepository(input.repository);
  const below = await findBelow(deps, input, repository.root);
  const baseBranch = input.base ?? below?.branch ?? repository.branch;
  const baseCommit = below?.commit ?? (await deps.git.resolveCommit(repository.root, baseBranch ?? 'HEAD'));
  return { repository, baseBranch, baseCommit };
}

/** Who writes the sealed checks, and by which model. */
async function sealerOf(
  deps: CreateDeps,
  wanted: NonNullable<NewProject['sealWith']>,
  { repository, settings }: Project,
  ecosystem: Awaited<ReturnType<typeof findEcosystem>>,
): Promise<NonNullable<Project['settings']['sealWith']>> {
  const { model, effort } = await deps.loadPersona(repository, wanted.persona);
  if (model !== undefined) await requireModel(deps, model, wanted.persona);
  return { ...sealWithSettings(wanted, settings, ecosystem), ...wishesOf({ model, effort }) };
}

/** What is wrong with the owner's tiers. */
async function tierWarnings({ state, config }: Pick<CreateDeps, 'state' | 'config'>): Promise<string[]> {
  if (tierNames(config.tiers).length === 0) return [];
  const { providers } = await state.providers().get();
  return tierProblems(config.tiers, providers).map(
    ({ problem, remedy }) => `In config.yaml ${problem}. ${remedy}.`,
  );
}

/** The settings that its owner gave, and what every project has before its start. */
function unbegun(config: Config, input: NewProject) {
  return {
    settings: {
      commands: input.commands ?? {},
      ...(input.setup === undefined ? {} : { setup: input.setup }),
      ...(input.budget === undefined ? {} : { budget: input.budget }),
      ...(input.model === undefined ? {} : { model: input.model }),
      allowGateChanges: config.gates.allowChanges,
    },
    ...(input.review === undefined ? {} : { review: input.review }),
    ...(input.origin === undefined ? {} : { origin: input.origin }),
    ...(input.trialOf === undefined ? {} : { trialOf: input.trialOf }),
    started: false,
    prepared: false,
    activeMs: 0,
    agentsMs: 0,
    settled: false,
    auditRounds: 0,
    failedAudits: 0,
    forks: [],
    treeForks: {},
    attempts: [],
  };
}

export function newAgent(projectId: string, personaName: string): AgentState {
  return {
    schemaVersion: 1,
    version: 0,
    projectId,
    personaName,
    status: 'idle',
    runtimeMs: 0,
    pendingDecisions: [],
    madeDecisions: [],
    nextStep: 1,
    epoch: 0,
    gateRound: 0,
  };
}

function newFinance(projectId: string, config: Config): FinanceState {
  return {
    schemaVersion: 1,
    version: 0,
    projectId,
    totalSpent: 0,
    pollingMode: false,
    pollingInterval: config.pollingInterval,
    providerSwitches: [],
    budgetWarnings: [],
    setbacks: [],
    failedCalls: {},
    ledger: { rows: 0, usd: 0 },
  };
}
