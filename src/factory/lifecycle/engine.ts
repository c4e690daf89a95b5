import { expecting } from '../../lib/errno.ts';
import { isFailure } from '../../lib/failure.ts';
import type { Config } from '../config/config.ts';
import { setBudget } from '../decisions/budget/set-budget.ts';
import { dropFork, type OwnerAction, takeBranch } from '../decisions/choose/owner-actions.ts';
import { type DecisionOrder, forkForOwner, type OwnerForkDeps } from '../decisions/fork/owner-fork.ts';
import { type BranchFigures, branchFigures } from '../decisions/tree/figures.ts';
import { endBranches, pauseBranches, resumeBranches } from '../decisions/tree/whole-tree.ts';
import { freshStart } from '../finance/books/fresh-start.ts';
import { requireProviders } from '../finance/calls/scope.ts';
import type { NewEvent, PlainType } from '../model/event.ts';
import { pause, refuseRetry, resume, start, stop } from '../model/lifecycle.ts';
import { attemptOf, type Project, type ProjectStatus } from '../model/project.ts';
import { OWNER } from '../model/task.ts';
import type { FinanceManager, GitManager, JobQueue, StateStore } from '../ports.ts';
import { type ApplyAnswer, applyProject } from './apply.ts';
import { type CreateDeps, type CreatedProject, createProject } from './create/create.ts';
import type { NewProject } from './create/new-project.ts';
import { dispatch, dispatchIfThere } from './dispatch.ts';
import { notItsParent, refuseBudget } from './refusals.ts';
import { type RetryOrder, retryProject } from './retry.ts';

/** The specification's OrchestrationEngine (§4.3): what people ask of a project. */
export interface OrchestrationEngine {
  /**
   * Makes a project; everything is checked before anything is written, and the owner's repository is only read.
   *
   * @param tell is handed how the work will be proved, and what will probably go wrong later
   * @throws DarkFactoryError for a bad name, description, repository, base branch or persona, and where no tests could be run
   */
  createProject(input: NewProject, tell?: (created: CreatedProject) => void): Promise<Project>;
  /**
   * Throws `environment`/`redis_unreachable`, and `environment`/`no_provider` where nobody could do its work, before anything is
   * changed. A project that runs stays as it is; for one that has ended throws `usage`/`project_ended`.
   */
  startProject(projectId: string): Promise<{ project: Project; alreadyRunning: boolean }>;
  /**
   * Lets a project that failed, ran out of time or was stopped live on, as another attempt: same branch, same conversation. See
   * `retryProject`; throws also what `startProject` does.
   */
  retryProject(projectId: string, order?: RetryOrder): Promise<Project>;
  /** Takes effect between two turns. Needs no Redis. */
  pauseProject(projectId: string): Promise<{ project: Project; changed: boolean }>;
  /** @param change `budget`: USD for all that the project ever does; throws `usage`/`budget_invalid` */
  resumeProject(
    projectId: string,
    change?: { budget?: number },
  ): Promise<{ project: Project; changed: boolean }>;
  /**
   * Ends the project as `failed` with this reason; what is running is interrupted, what was done is committed.
   *
   * Needs no Redis: `queued` tells whether workers were told, or will see it when they next compare the state files.
   */
  terminateProject(
    projectId: string,
    reason: string,
  ): Promise<{ project: Project; changed: boolean; queued: boolean }>;
  /**
   * Decides by the specification's §3.2, in the name of the owner. Unsure, with at least two viable options: forks the project between
   * two turns (one that is under way is waited for, ten minutes at the most), each child on its own branch with its share of what is
   * left of budget and time. Needs no worker, but only workers let the children begin.
   *
   * @returns the children; the project itself where the decision is sure enough: then nothing was changed
   * @throws DarkFactoryError `usage`: `cannot_fork`, `decision_invalid`; `failed`: `tree_full`, `budget_spent`, `step_under_way`
   */
  createBranches(projectId: string, decision: DecisionOrder): Promise<Project[]>;
  /**
   * The owner takes a branch of a decision: it is merged next, once its gate has passed on the merge. See `takeBranch`.
   *
   * @param parentId where given, must be the project that the child was forked from: `usage`/`not_its_parent`
   */
  mergeBranch(childId: string, parentId?: string): Promise<OwnerAction>;
  /** The owner goes on without any of the branches. See `dropFork`. */
  dropBranches(projectId: string): Promise<OwnerAction>;
  /** The owner takes a project's work into the branch that is checked out in its repository. See `applyProject`. */
  applyBranch(projectId: string, order?: { squash?: boolean; unproved?: boolean }): Promise<ApplyAnswer>;
  getProjectStatus(projectId: string): Promise<ProjectStatus>;
  /** Tasks, gates, tests, diff, cost (USD) and time (milliseconds), measured by the factory itself; also while it works. */
  getProjectMetrics(projectId: string): Promise<BranchFigures>;
}

export interface EngineDeps extends CreateDeps, OwnerForkDeps {
  git: GitManager;
  config: Config;
  state: StateStore;
  /** Connects to Redis when it is first asked; throws `environment`/`redis_unreachable`. */
  queue(): Promise<JobQueue>;
  finance(): Promise<FinanceManager>;
  record(event: NewEvent): Promise<void>;
  /** In whose name it acts. */
  by: string;
  /** Lets projects of the backlog begin whose turn has come. */
  giveTurns(): Promise<void>;
}

export function createEngine(deps: EngineDeps): OrchestrationEngine {
  const { state } = deps;
  const who = deps.by === OWNER ? 'its owner' : deps.by;

  /** Applies a transition; `changed` tells whether there was anything to change. */
  const apply = async (projectId: string, change: (project: Project) => Project) => {
    let changed = false;
    const project = await state.project(projectId).update((current) => {
      const next = change(current);
      changed = next !== current;
      return next;
    });
    return { project, changed };
  };
  /** A paused project whose worktree was lost is prepared again, from its branch. */
  const withWorktree = async (projectId: string) => {
    const { status, prepared, repository, worktreePath } = await state.project(projectId).get();
    const lost = status === 'paused' && prepared && (await isLost(deps, repository, worktreePath));
    return (current: Project): Project =>
      lost && current.status === 'paused' ? { ...current, prepared: false } : current;
  };
  const record = (projectId: string, type: PlainType, message: string) =>
    deps.record({ projectId, type, level: 'info', message, data: { by: deps.by } });

  /** What they need next, once their turn has come. */
  const goOn = async (queue: JobQueue, ...projectIds: readonly string[]) => {
    await deps.giveTurns();
    for (const id of projectIds) await dispatch(deps, queue, id);
  };

  const carryOn = async (answer: OwnerAction, order: string): Promise<OwnerAction> => {
    if (answer.changed) await record(answer.parent.id, 'project.ordered', order);
    for (const id of answer.touched) await dispatch(deps, await deps.queue(), id);
    return answer;
  };

  return {
    async createProject(input, tell) {
      const created = await createProject(deps, input);
      const { project } = created;
      await record(project.id, 'project.created', `Created from ${project.baseBranch}.`);
      tell?.(created);
      return project;
    },
    async startProject(projectId) {
      const queue = await deps.queue();
      const before = await state.project(projectId).get();
      // Throws for a project that has ended, whoever could do its work.
      start(before, deps.now());
      if (!before.started || before.status === 'paused') {
        await (await deps.finance()).requireProvider();
        await requireProviders(deps, before);
      }
      const seen = await withWorktree(projectId);
      await freshStart(state, projectId, deps);
      const { changed } = await apply(projectId, (current) => start(seen(current), deps.now()));
      if (changed) await record(projectId, 'project.started', `Started by ${who}.`);
      await goOn(queue, projectId);
      return { project: await state.project(projectId).get(), alreadyRunning: !changed };
    },
    async retryProject(projectId, order = {}) {
      refuseBudget(order.budget);
      const queue = await deps.queue();
      refuseRetry(await state.project(projectId).get(), order.news);
      await (await deps.finance()).requireProvider();
      const project = await retryProject(deps, projectId, order);
      const message = `Attempt ${attemptOf(project)} begins, as ${who} said.`;
      await record(projectId, 'project.retried', message);
      await goOn(queue, projectId);
      return state.project(projectId).get();
    },
    async pauseProject(projectId) {
      const detail = 'Paused by its owner; df resume goes on.';
      const answer = await apply(projectId, (current) =>
        pause(current, deps.now(), { for: 'owner', detail, since: deps.now() }),
      );
      if (answer.changed) await record(projectId, 'project.paused', detail);
      await pauseBranches(deps, projectId);
      return answer;
    },
    async resumeProject(projectId, change = {}) {
      refuseBudget(change.budget);
      const queue = await deps.queue();
      // Throws for a project that has ended, before its cap is changed.
      resume(await state.project(projectId).get(), deps.now());
      const seen = await withWorktree(projectId);
      await freshStart(state, projectId, deps);
      // The money first: what goes on without it would only wait for it again.
      const paid =
        change.budget === undefined ? [] : await setBudget(state, projectId, change.budget, deps.now());
      if (change.budget !== undefined)
        await record(projectId, 'project.ordered', `Its owner sets its budget to $${change.budget}.`);
      const answer = await apply(projectId, (current) => resume(seen(current), deps.now()));
      if (answer.changed) await record(projectId, 'project.resumed', 'Resumed by its owner.');
      const below = await resumeBranches(deps, projectId);
      await goOn(queue, ...new Set([projectId, ...paid, ...below]));
      const changed = answer.changed || change.budget !== undefined || below.length > 0;
      return { project: await state.project(projectId).get(), changed };
    },
    async terminateProject(projectId, reason) {
      const answer = await apply(projectId, (current) => stop(current, deps.now(), reason));
      if (!answer.changed) return { ...answer, queued: true };
      await record(projectId, 'project.stopped', reason);
      const below = await endBranches(
        deps,
        projectId,
        'The project that it was forked from was stopped.',
        true,
      );
      return { ...answer, queued: await dispatchIfThere(deps, projectId, ...below) };
    },
    async createBranches(projectId, decision) {
      const queue = await deps.queue();
      const project = await state.project(projectId).get();
      const children = await forkForOwner(deps, project, decision);
      for (const id of [projectId, ...children]) await dispatch(deps, queue, id);
      return Promise.all(
        (children.length === 0 ? [projectId] : children).map((id) => state.project(id).get()),
      );
    },
    async mergeBranch(childId, parentId) {
      const child = await state.project(childId).get();
      if (parentId !== undefined && child.parentProjectId !== parentId) throw notItsParent(child, parentId);
      return carryOn(await takeBranch(deps, child), `Its owner takes the branch ${child.workBranch}.`);
    },
    async dropBranches(projectId) {
      const answer = await dropFork(deps, await state.project(projectId).get());
      return carryOn(answer, 'Its owner goes on without the branches of its decision.');
    },
    applyBranch: (projectId, order = {}) => applyProject(deps, projectId, order),
    getProjectStatus: async (projectId) => (await state.project(projectId).get()).status,
    getProjectMetrics: async (projectId) => branchFigures(deps, await state.project(projectId).get()),
  };
}

/** A repository that cannot be looked at is told of by the work that needs it. */
async function isLost({ git }: EngineDeps, repository: string, worktree: string): Promise<boolean> {
  return !(await git.validateWorktree(repository, worktree).catch(expecting(isFailure, true)));
}
