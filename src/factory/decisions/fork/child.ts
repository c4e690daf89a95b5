import type { AgentState, Decision } from '../../model/agent.ts';
import type { Fork, ForkBranch } from '../../model/fork.ts';
import { financeState } from '../../model/money/finance.ts';
import type { Project } from '../../model/project.ts';
import type { NewChild } from '../../ports.ts';

/** What a parent has at the moment of the fork: the same documents. */
export type Parent = NewChild;

const LONGEST_NAME = 200;

/**
 * The first documents of a child: the parent's task, personas, task list and settings, its own branch and share, and the
 * decision taken for its option. Money and time count from nothing, for the share is what it has left.
 */
export function childOf(parent: Parent, fork: Fork, branch: ForkBranch, worktreePath: string): NewChild {
  const { project } = parent;
  const id = branch.projectId;
  return {
    project: childProject(project, fork, branch, worktreePath),
    agents: parent.agents.map((agent) => childAgent(agent, fork, branch)),
    finance: financeState.parse({
      schemaVersion: parent.finance.schemaVersion,
      projectId: id,
      currentProviderId: parent.finance.currentProviderId,
      orderedAt: parent.finance.orderedAt,
      pollingInterval: parent.finance.pollingInterval,
    }),
    tasks: { ...parent.tasks, version: 0, projectId: id },
    reports: parent.reports
      .filter((report) => report.id === project.baselineGate)
      .map((report) => ({ ...report, projectId: id })),
  };
}

function childProject(parent: Project, fork: Fork, branch: ForkBranch, worktreePath: string): Project {
  const { question, at } = fork;
  const { option, confidence, description } = branch;
  const { budget: _budget, ...settings } = parent.settings;
  return {
    schemaVersion: 1,
    version: 0,
    id: branch.projectId,
    name: `${parent.name} - ${oneLine(option)}`.slice(0, LONGEST_NAME).toWellFormed(),
    description: `${parent.description}\n\nExploring: ${question}\nOption: ${option}${description === '' ? '' : `\n${description}`}`,
    status: 'initializing',
    createdAt: at,
    updatedAt: at,
    startTime: at,
    maxRuntime: branch.maxRuntime,
    baseBranch: parent.workBranch,
    workBranch: branch.workBranch,
    worktreePath,
    personas: parent.personas,
    parentProjectId: parent.id,
    childProjectIds: [],
    decisionContext: { question, option, confidence, createdAt: at },
    totalCost: 0,
    tokensUsed: 0,
    repository: parent.repository,
    gitDir: parent.gitDir,
    baseCommit: parent.baseCommit,
    forkCommit: fork.commit,
    ...(parent.priority === undefined ? {} : { priority: parent.priority }),
    // Whose words the description holds.
    ...(parent.origin?.kind === 'issue' ? { origin: parent.origin } : {}),
    settings: { ...settings, ...(branch.budget === undefined ? {} : { budget: branch.budget }) },
    started: true,
    prepared: false,
    activeMs: 0,
    agentsMs: 0,
    settled: false,
    ...(parent.baselineGate === undefined ? {} : { baselineGate: parent.baselineGate }),
    auditRounds: 0,
    failedAudits: 0,
    forks: [],
    attempts: [{ startedAt: at }],
    treeForks: {},
  };
}

function childAgent(agent: AgentState, fork: Fork, { projectId, option }: ForkBranch): AgentState {
  const { holder: _holder, ...rest } = agent;
  const copy: AgentState = { ...rest, version: 0, projectId, runtimeMs: 0 };
  return agent.personaName === fork.persona ? decided(copy, fork.decisionId, option, fork.at) : copy;
}

/** The agent with a pending decision taken, ready for its next turn. `option` missing: it was dropped. */
export function decided(
  agent: AgentState,
  decisionId: string,
  option: string | undefined,
  at: Date,
): AgentState {
  const pending = agent.pendingDecisions.find(({ id }) => id === decisionId);
  if (pending === undefined) return agent;
  const made: Decision = {
    ...pending,
    madeAt: at,
    ...(option === undefined ? {} : { selectedOption: option }),
  };
  return {
    ...agent,
    status: 'thinking',
    pendingDecisions: agent.pendingDecisions.filter(({ id }) => id !== decisionId),
    madeDecisions: [...agent.madeDecisions, made],
  };
}

function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}
