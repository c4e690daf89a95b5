import { OPENING } from '../../agent/memory/memory.ts';
import type { AgentMemory } from '../../agent/memory/memory-types.ts';
import type { ToolContext } from '../../agent/tools/tool.ts';
import { createToolbox } from '../../agent/tools/toolbox.ts';
import type { Note, TurnDeps, TurnEvent, TurnLimits } from '../../agent/turn/turn-types.ts';
import { dueNotes } from '../../audits/due-notes.ts';
import type { Config } from '../../config/config.ts';
import { readEscalation } from '../../finance/routing/escalation.ts';
import { type Route, routeAtWork } from '../../finance/routing/routes.ts';
import { describeReport } from '../../gates/run/describe.ts';
import type { AgentState } from '../../model/agent.ts';
import type { NewEvent } from '../../model/event.ts';
import type { GateCheck } from '../../model/gates/gate-check.ts';
import { hasTool } from '../../model/personas/agent-tool.ts';
import type { PersonaTemplate } from '../../model/personas/persona.ts';
import type { Project } from '../../model/project.ts';
import type { GitManager, StateStore } from '../../ports.ts';
import { awaitsOwner } from '../../talk/hold.ts';
import { saidSoFar, unheard } from '../../talk/notes.ts';
import { facts, openingMessage, openWork, REPOSITORY_WORDS_FILES, systemPrompt } from '../../tasks/prompt.ts';
import { markOf } from '../../tasks/proof/mark.ts';
import type { ProofDeps } from '../../tasks/proof/proof-place.ts';
import { AGENT_TOOLS, type AgentContext } from './agent-tools.ts';

/** Commits that an agent is reminded of. */
const LOG_LIMIT = 30;
/** Hashing the tree costs as much as the rest of a turn, so it is looked at on every tenth idle turn. */
const LOOK_EVERY = 10;

/** What the turns of agents need of the world. */
export interface AgentDeps {
  state: StateStore;
  git: GitManager;
  finance: TurnDeps['finance'];
  config: Pick<Config, 'sandbox' | 'gates' | 'decisions' | 'questions' | 'tiers' | 'routing'>;
  now(): Date;
  /** Runs the commands that prove a claim. */
  proof: ProofDeps;
  /** The sandbox as the project's agents have it. */
  sandboxOf(project: Project): Promise<ToolContext['sandbox']>;
  hintFor: ToolContext['hintFor'];
  /** @param route what its calls are kept to */
  limits(route: Route): Promise<TurnLimits>;
  persona(project: Project, name: string): Promise<PersonaTemplate>;
  checks(project: Project, persona: string): Promise<readonly GateCheck[]>;
  earlierSummaries(project: Project, persona: string): Promise<{ persona: string; summary: string }[]>;
  watch(event: TurnEvent): void;
  record(event: NewEvent): Promise<void>;
  /** The project's figures are to be noted: it has spent money. */
  figuresMoved(projectId: string): Promise<void>;
}

/** One turn of one agent of one project. */
export async function turnDeps(
  deps: AgentDeps,
  project: Project,
  persona: string,
  memory: AgentMemory,
): Promise<TurnDeps> {
  const { state, git, config } = deps;
  const template = await deps.persona(project, persona);
  const checks = await deps.checks(project, persona);
  const { effort, tools: kept } = project.personas.find((each) => each.templateName === persona) ?? {};
  const tools = AGENT_TOOLS.filter(({ name }) => hasTool(kept, name));
  const escalation = await readEscalation(deps, project.id, persona);
  const route = routeAtWork(config, project, { persona, escalatedTo: escalation?.to }, memory.held);
  const tasks = () => state.tasks(project.id).get();
  const log = () => git.log(project.repository, project.baseCommit, project.workBranch, LOG_LIMIT);
  return {
    projectId: project.id,
    persona,
    finance: deps.finance,
    clock: deps,
    system: systemPrompt({
      persona: { name: persona, body: template.body },
      ...(kept === undefined ? {} : { tools: tools.map(({ name }) => name) }),
      network: false,
      commandTimeoutMs: config.sandbox.commandTimeout,
    }),
    tools: createToolbox(tools, await contextOf(deps, project, persona, checks)),
    ...(effort === undefined ? {} : { effort }),
    ...(escalation === null ? {} : { escalation }),
    limits: await deps.limits(route),
    notes: [
      ...(memory.noteKeys.has(OPENING) ? [] : [await opening(deps, project, persona, checks)]),
      ...dueNotes(project, await tasks()),
      ...(await unheard(state, project, persona)),
    ],
    openWork: async () => openWork(await tasks()),
    wordForWord: async () => {
      const reports = await state.gates(project.id).list();
      const last = reports.at(-1);
      const { madeDecisions } = await state.agent(project.id, persona).get();
      return facts({
        tasks: await tasks(),
        checks,
        decisions: madeDecisions,
        log: await log(),
        said: await saidSoFar(state, project),
        ...(last === undefined ? {} : { lastGate: describeReport(last) }),
      });
    },
    gateMs: async () => (await state.gates(project.id).list()).at(-1)?.durationMs,
    workMark: async (sure) => {
      if (!sure && memory.trail.idle % LOOK_EVERY !== LOOK_EVERY - 1) return undefined;
      const tree = await git.treeHash(project.repository, project.worktreePath);
      const last = (await state.gates(project.id).list()).at(-1);
      return markOf(tree, (await tasks()).tasks, last);
    },
    awaitsOwner: () => awaitsOwner(state, project, persona),
    executing: async () => {
      await state.agent(project.id, persona).later((agent) => toExecuting(agent, memory.nextStep));
      // The request of this turn is paid, and its calls may take as long as they like.
      await deps.figuresMoved(project.id);
    },
    watch: deps.watch,
  };
}

/** Nothing that another worker made of the agent meanwhile is taken back. */
function toExecuting(agent: AgentState, step: number): AgentState {
  const isOver = agent.nextStep > step;
  return agent.status === 'executing' || isOver ? agent : { ...agent, status: 'executing' };
}

async function contextOf(
  deps: AgentDeps,
  project: Project,
  persona: string,
  gateChecks: readonly GateCheck[],
): Promise<AgentContext> {
  const { state, git, config, proof, hintFor } = deps;
  return {
    ...{ project, persona, state, git, proof, gateChecks, hintFor },
    now: () => deps.now(),
    decisions: config.decisions,
    patienceMs: config.questions.patience,
    gateTimeoutMs: config.gates.timeout,
    record: (event) => deps.record({ projectId: project.id, persona, level: 'info', ...event }),
    sandbox: await deps.sandboxOf(project),
    worktree: project.worktreePath,
    gitDir: project.gitDir,
    commandTimeoutMs: config.sandbox.commandTimeout,
    newOutput: (label) => state.newOutput(project.id, label),
  };
}

/** The first message: the task, the checks, and what came before. */
async function opening(
  deps: AgentDeps,
  project: Project,
  persona: string,
  checks: readonly GateCheck[],
): Promise<Note> {
  const { state, git } = deps;
  const reports = await state.gates(project.id).list();
  const baseline = reports.find((report) => report.kind === 'baseline');
  let repositoryWords: { file: string; text: string } | undefined;
  for (const file of REPOSITORY_WORDS_FILES) {
    const text = await git.showFile(project.repository, project.baseCommit, file);
    if (text !== null) repositoryWords ??= { file, text };
  }
  const text = openingMessage({
    project,
    persona,
    ...(repositoryWords === undefined ? {} : { repositoryWords }),
    checks,
    baselineFailures: (baseline?.checks ?? [])
      .filter((check) => !check.passed)
      .map(({ name, command, output, sealed }) => ({
        name,
        output,
        ...(command === undefined || sealed ? {} : { command }),
      })),
    earlier: await deps.earlierSummaries(project, persona),
    tasks: await state.tasks(project.id).get(),
    log: await git.log(project.repository, project.baseCommit, project.workBranch, LOG_LIMIT),
  });
  return { key: OPENING, text };
}
