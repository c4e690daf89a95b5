/**
 * The factory as a library: the five managers of the specification's §4.3, for programs. They are the objects that the command line
 * and the workers use, on the same files and the same Redis, beside any `df` process of the same home.
 *
 * @example
 * const factory = await createFactory();
 * const { id } = await factory.engine.createProject({ name: 'login', description: 'Add a login.', repository: '.' });
 * await factory.engine.startProject(id); // workers (`df up`) do the rest
 * await factory.close();
 */
import { resolve } from 'node:path';
import type { FinanceApi } from './factory/finance/api.ts';
import type { OrchestrationEngine } from './factory/lifecycle/engine.ts';
import type { AgentRuntime } from './factory/managers/agent-runtime.ts';
import * as takes from './factory/managers/arguments.ts';
import { guarded, requireArguments } from './factory/managers/door.ts';
import { createGitApi, type GitApi } from './factory/managers/git-api.ts';
import type { ProjectManager } from './factory/managers/project-manager.ts';
import { freeChildBranchName } from './git/history/branch.ts';
import { newUuid } from './lib/ids.ts';
import { createServices } from './services.ts';

export type { HistoryMessage } from './factory/agent/memory/history.ts';
export type { OwnerAction } from './factory/decisions/choose/owner-actions.ts';
export type { DecisionOrder } from './factory/decisions/fork/owner-fork.ts';
export type { BranchFigures as ProjectMetrics } from './factory/decisions/tree/figures.ts';
export type {
  FinanceApi as FinanceManager,
  FinanceView,
  OutsideCost,
  ProviderView,
} from './factory/finance/api.ts';
export type { TreeCosts as CostSummary } from './factory/finance/books/costs.ts';
export type { KeyChoice } from './factory/finance/providers/key-choice.ts';
export type {
  ProviderChange,
  ProviderOrder,
} from './factory/finance/providers/provider-order.ts';
export type { ApplyAnswer } from './factory/lifecycle/apply.ts';
export type { CreatedProject } from './factory/lifecycle/create/create.ts';
export type { NewProject } from './factory/lifecycle/create/new-project.ts';
export type { OrchestrationEngine } from './factory/lifecycle/engine.ts';
export type { RetryOrder } from './factory/lifecycle/retry.ts';
export type { AgentRuntime, LoadedAgent } from './factory/managers/agent-runtime.ts';
export type { GitApi as GitManager } from './factory/managers/git-api.ts';
export type { ProjectManager } from './factory/managers/project-manager.ts';
export type { TaskOrder, TaskUpdate } from './factory/managers/task-order.ts';
export type { AgentState, Decision } from './factory/model/agent.ts';
export type { QualityReport } from './factory/model/gates/gate-report.ts';
export type { CostEntry, SwitchReason } from './factory/model/money/finance.ts';
export type { PersonaTemplate } from './factory/model/personas/persona.ts';
export type { PersonaConfig } from './factory/model/personas/persona-config.ts';
export type { Project, ProjectStatus } from './factory/model/project.ts';
export type { Task, TaskList } from './factory/model/task.ts';
export type { NightReport } from './factory/report/night/night.ts';
export type { Report as ProgressReport } from './factory/report/report-types.ts';
export type { WorkDiff } from './factory/report/work-diff.ts';
export type { Message } from './factory/talk/messages.ts';
export type { Question, ShownQuestion } from './factory/talk/questions.ts';
export type { Transcript, TranscriptStep, TranscriptWindow } from './factory/transcript/transcript.ts';
export { DarkFactoryError } from './lib/failure.ts';
export type { JobResult } from './queues/jobs/result.ts';

export interface FactoryOptions {
  /** The folder in which the factory keeps everything. Missing: `DF_HOME`, else `~/.dark-factory`. */
  home?: string;
  /** Environment for `PATH`, `REDIS_URL`, keys by name and git. Missing: this process's. */
  env?: NodeJS.ProcessEnv;
  /** Is told what was done all the same, but should be known: sentences for people. Missing: the home's log. */
  onNote?(text: string): void;
}

/**
 * All methods throw `DarkFactoryError`s with a `code`, what happened, and a hint; anything else that is thrown is a bug. An argument that is
 * missing or of another kind is `usage`/`argument_invalid`, before anything is changed.
 */
export interface Factory {
  engine: OrchestrationEngine;
  finance: FinanceApi;
  projects: ProjectManager;
  git: GitApi;
  agents: AgentRuntime;
  /** Closes connections and files; an embedded Redis ends with the last process that uses it. Call it once, at the end. */
  close(): Promise<void>;
}

/**
 * Opens a home. Nothing is started yet: Redis, the sandbox and vendors' SDKs are opened when a method needs them.
 *
 * @throws DarkFactoryError `usage` errors of a config.yaml or home that cannot be used
 */
export async function createFactory(options: FactoryOptions = {}): Promise<Factory> {
  requireArguments('createFactory', takes.OPTIONS, [options]);
  const { env = process.env, home, onNote } = options;
  const services = await createServices({
    env: home === undefined ? env : { ...env, DF_HOME: resolve(home) },
    ...(onNote === undefined ? {} : { onNote }),
    async perform(...order) {
      const { performHere } = await import('./workers/perform.ts');
      return performHere(services, ...order);
    },
  });
  const { git, state } = services;
  const childName = (parent: string, context: string) => freeChildBranchName(parent, context, []);
  const gitApi = createGitApi({ git, state, worktrees: services.home.worktrees, newId: newUuid, childName });
  return {
    engine: guarded('engine', services.engine, takes.ENGINE),
    finance: guarded('finance', services.financeApi, takes.FINANCE),
    projects: guarded('projects', services.projects, takes.PROJECTS),
    git: guarded('git', gitApi, takes.GIT, ['generateBranchName']),
    agents: guarded('agents', services.agents, takes.AGENTS),
    close: () => services.close(),
  };
}
