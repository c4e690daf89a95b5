import type { AgentState } from '../model/agent.ts';
import { OPENING } from '../agent/memory/memory.ts';
import type { AgentMemory } from '../agent/memory/memory-types.ts';
import { facts, openingMessage, openWork, REPOSITORY_WORDS_FILES, systemPrompt } from '../tasks/prompt.ts';
import type { ToolContext } from '../agent/tools/tool.ts';
import { createToolbox } from '../agent/tools/toolbox.ts';
import type { Note, TurnDeps, TurnLimits } from '../agent/turn/turn-types.ts';
import { decideTool } from '../decisions/fork/propose-decision.ts';
import { capsOf, outputFor } from '../finance/calls/output.ts';
import type { GateCheck } from '../model/gate-check.ts';
import { describeReport } from '../gates/run/describe.ts';
import type { Project } from '../model/project.ts';
import { noteFigures } from './running-figures.ts';
import { commitTool, commitWork, finishTool, unlessHeld } from '../agent/tools/work.ts';
import { listFindings, type SecretFinding } from '../model/secrets-found.ts';
import { dueNotes } from '../audits/due-notes.ts';
import { markOf } from '../tasks/proof/mark.ts';
import { addTasksTool, updateTaskTool } from '../tasks/tools/update-task.ts';
import { factsOf } from '../../llm/facts/facts.ts';
import { hintFor } from '../../sandbox/run/hint.ts';
import { agentSandbox } from '../../workers/gates/agent-sandbox.ts';
import { gateHands } from '../../workers/gates/hands.ts';
import type { JobContext } from '../../workers/steps/processor.ts';
import { watchTurn } from '../agent/turn/watch.ts';

/** Commits that an agent is reminded of. */
const LOG_LIMIT = 30;
/** Hashing the tree costs as much as the rest of a turn, so it is looked at on every tenth idle turn. */
const LOOK_EVERY = 10;

/** All that one turn needs of the factory, for one agent of one project. */
export async function turnDeps(
  context: JobContext,
  project: Project,
  persona: string,
  memory: AgentMemory,
): Promise<TurnDeps> {
  const { services } = context;
  const { state, git, config } = services;
  const template = await services.desk.persona(project, persona);
  const checks = await services.desk.checks(project, persona);
  const tasks = () => state.tasks(project.id).get();
  const log = () => git.log(project.repository, project.baseCommit, project.workBranch, LOG_LIMIT);
  return {
    projectId: project.id,
    persona,
    finance: await services.finance(),
    clock: services.clock,
    system: systemPrompt({
      persona: { name: persona, body: template.body },
      network: false,
      commandTimeoutMs: config.sandbox.commandTimeout,
    }),
    tools: createToolbox(),
    context: await toolContext(context, project, persona, checks),
    limits: await turnLimits(services),
    notes: [
      ...(memory.noteKeys.has(OPENING) ? [] : [await opening(context, project, persona, checks)]),
      ...dueNotes(project, await tasks(), await state.agent(project.id, persona).get()),
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
    executing: async () => {
      await state.agent(project.id, persona).update(toExecuting);
      // The request of this turn is paid, and its calls may take as long as they like.
      await noteFigures(state, project.id);
    },
    watch: watchTurn(context, project.id, persona, memory.nextStep),
  };
}

function toExecuting(agent: AgentState): AgentState {
  return agent.status === 'executing' ? agent : { ...agent, status: 'executing' };
}

/** The conversation, and a reply to it, must fit every provider that may take it over in mid-task. */
export async function turnLimits({ state, config }: JobContext['services']): Promise<TurnLimits> {
  const { providers } = await state.providers().get();
  let { contextTokens } = config.agent;
  let inputTokens = Number.POSITIVE_INFINITY;
  for (const provider of providers) {
    if (!provider.enabled) continue;
    const facts = factsOf(provider);
    if (facts.contextTokens === null) continue;
    contextTokens = Math.min(contextTokens, facts.contextTokens);
    inputTokens = Math.min(
      inputTokens,
      facts.contextTokens - outputFor(facts, {}, capsOf(provider, config.agent.maxOutputTokens)),
    );
  }
  return { ...config.agent, contextTokens, replyTokens: Math.max(0, contextTokens - inputTokens) };
}

async function toolContext(
  context: JobContext,
  project: Project,
  persona: string,
  checks: readonly GateCheck[],
): Promise<ToolContext> {
  const { services } = context;
  const { config, state, git } = services;
  const hands = await gateHands(services);
  const record = (type: string, message: string, taskId?: string) =>
    services.record({
      projectId: project.id,
      type,
      level: 'info',
      persona,
      message,
      ...(taskId === undefined ? {} : { taskId }),
    });
  const work = { project, persona, record };
  const claims: Parameters<typeof updateTaskTool>[1] = {
    ...work,
    gateChecks: checks,
    commandTimeoutMs: config.gates.timeout,
    commit: async (message, call, taskId) =>
      (await commitWork(services, project, message, call, taskId)).head,
  };
  const held = (findings: readonly SecretFinding[]) =>
    services.record({
      projectId: project.id,
      type: 'commit.held',
      level: 'warn',
      persona,
      message: `Not committed, for it holds keys: ${listFindings(findings)}.`,
      data: { findings },
    });
  const workHands = { git, state, now: () => services.clock.now() };
  return {
    sandbox: await services.workspace.agentSandbox(project),
    worktree: project.worktreePath,
    gitDir: project.gitDir,
    commandTimeoutMs: config.sandbox.commandTimeout,
    newOutput: (label) => state.newOutput(project.id, label),
    hintFor,
    addTasks: (args, call) => addTasksTool(hands, claims, args, call),
    updateTask: (args, call) => unlessHeld(() => updateTaskTool(hands, claims, args, call), held),
    commit: async (args, call) => {
      const { currentTask } = await state.agent(project.id, persona).get();
      const taskId = currentTask === undefined ? {} : { taskId: currentTask };
      return unlessHeld(() => commitTool(workHands, { ...work, ...taskId }, args, call), held);
    },
    proposeDecision: (args, call) =>
      unlessHeld(() => decideTool(workHands, work, config.decisions, args, call), held),
    finish: (args, call) => unlessHeld(() => finishTool(workHands, work, args, call), held),
  };
}

/** The first message: the task, the checks, and what came before. */
async function opening(
  { services }: JobContext,
  project: Project,
  persona: string,
  checks: readonly GateCheck[],
): Promise<Note> {
  const { state, git } = services;
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
    earlier: await services.desk.earlierSummaries(project, persona),
    tasks: await state.tasks(project.id).get(),
    log: await git.log(project.repository, project.baseCommit, project.workBranch, LOG_LIMIT),
  });
  return { key: OPENING, text };
}
