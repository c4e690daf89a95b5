import type { Config } from '../../config/config.ts';
import { type Fork, type ForkBranch, type ForkChoice, openFork, withFork } from '../../model/fork.ts';
import { end } from '../../model/lifecycle.ts';
import { ENDED, isOutOfMoney, type Project } from '../../model/project.ts';
import type { GitManager, StateStore } from '../../ports.ts';
import { propagateBudget } from '../budget/propagate-budget.ts';
import { type CloseForkDeps, closeFork } from '../merge/close-fork.ts';
import { droppedText } from '../merge/outcome-text.ts';
import { type BranchFigures, branchFigures } from '../tree/figures.ts';
import { projectOrNull } from '../tree/tree.ts';
import { type BranchChoice, chooseBranch, dominated } from './choose.ts';
import { lessonsOf } from './lessons.ts';

export interface EvaluateDeps extends CloseForkDeps {
  state: StateStore;
  git: GitManager;
  config: Pick<Config, 'decisions'>;
}

/**
 * Looks at the branches of a project: ends those that cannot win any more, have used up their share, or are not wanted by the
 * owner, and once all have ended decides what becomes of the fork. Safe to repeat at any moment.
 *
 * @returns the ids of projects that something is to be done for now: children that were ended, or the project itself
 */
export async function evaluateBranches(deps: EvaluateDeps, project: Project): Promise<string[]> {
  const fork = openFork(project);
  if (fork?.phase !== 'open') return [];
  // Before any of them is ended for a share that its owner has just raised.
  const goOn = await propagateBudget(deps.state, project.id, deps.now());
  if (goOn.length > 0) return goOn;
  const children = await Promise.all(
    fork.branches.map((branch) => projectOrNull(deps.state, branch.projectId)),
  );
  const there = children.filter((child) => child !== null);
  const figures = await Promise.all(there.map((child) => branchFigures(deps, child)));
  const stopped = await stopLosers(deps, fork, there, figures);
  if (stopped.length > 0) return stopped;
  if (there.some((child) => !child.settled)) return [];
  const branches = await Promise.all(
    fork.branches.map((branch) => withResult(deps.state, branch, there, figures)),
  );
  await conclude(deps, project, { ...fork, branches }, figures);
  return [project.id];
}

/** Early ends: a sibling is proved and this one is beaten, its share of the budget is used up, or the owner decided. */
async function stopLosers(
  deps: EvaluateDeps,
  fork: Fork,
  children: readonly Project[],
  figures: readonly BranchFigures[],
): Promise<string[]> {
  const beaten = new Map(dominated(figures, fork.branches).map(({ id, why }) => [id, why]));
  const stopped: string[] = [];
  for (const child of children) {
    const { id: projectId } = child;
    const against = unwanted(fork, child) ?? beaten.get(projectId);
    if (ENDED.has(child.status) || (against ?? usedUp(child)) === undefined) continue;
    let ended = false;
    const { statusReason: message = '' } = await deps.state.project(projectId).update((current) => {
      // It may have been given more since.
      const reason = against ?? usedUp(current);
      ended = reason !== undefined && !ENDED.has(current.status);
      return reason === undefined ? current : end(current, deps.now(), 'failed', reason);
    });
    if (!ended) continue;
    await deps.record({ projectId, type: 'project.stopped', level: 'info', message });
    stopped.push(projectId);
  }
  return stopped;
}

function unwanted({ order, branches }: Fork, { id }: Project): string | undefined {
  if (order === undefined || order === id) return undefined;
  const taken = branches.find(({ projectId }) => projectId === order);
  return taken === undefined ? 'The owner goes on without it.' : `The owner took "${taken.option}".`;
}

function usedUp(child: Project): string | undefined {
  if (!isOutOfMoney(child)) return undefined;
  const { settings } = child;
  return `Its share of the budget${settings.budget === undefined ? '' : `, $${settings.budget.toFixed(2)},`} is used up.`;
}

/** The branch with what it came to. One whose folder is gone has spent its whole share, as far as anybody knows. */
async function withResult(
  state: StateStore,
  branch: ForkBranch,
  children: readonly Project[],
  figures: readonly BranchFigures[],
): Promise<ForkBranch> {
  const child = children.find(({ id }) => id === branch.projectId);
  const known = figures.find(({ id }) => id === branch.projectId);
  if (child === undefined || known === undefined) {
    return { ...branch, proved: false, learnt: 'Its project was removed.', spent: branch.budget ?? 0 };
  }
  return {
    ...branch,
    spent: known.cost + known.possible,
    proved: child.status === 'completed',
    learnt: await lessonsOf(state, child),
  };
}

async function conclude(
  deps: EvaluateDeps,
  project: Project,
  fork: Fork,
  figures: readonly BranchFigures[],
): Promise<void> {
  const { order } = fork;
  if (order === 'none') return drop(deps, project, fork, 'The owner goes on without them.');
  if (order !== undefined) {
    const choice = { projectId: order, by: 'owner' as const, why: 'The owner took it.' };
    return put(deps, project, fork, { phase: 'merging', choice });
  }
  const choice = chooseBranch(figures);
  if (choice.kind === 'none') return drop(deps, project, fork, choice.why);
  if (deps.config.decisions.merge === 'manual')
    return put(deps, project, fork, { phase: 'ready', forOwner: readyText(fork, choice) });
  if (choice.kind === 'tie') return put(deps, project, fork, { phase: 'judging', tied: choice.ids });
  const { id: projectId, by, why } = choice;
  return put(deps, project, fork, { phase: 'merging', choice: { projectId, by, why } });
}

/** First what the branches came to, for what they did not spend is the parent's again; then the end. */
async function drop(deps: EvaluateDeps, project: Project, fork: Fork, why: string): Promise<void> {
  await put(deps, project, fork, { phase: 'open' });
  await closeFork(deps, project.id, fork, {
    phase: 'dropped',
    ...droppedText(fork, why),
    due: ({ phase, order }) => phase === 'open' && order === fork.order,
  });
}

function readyText({ question }: Fork, choice: BranchChoice): string {
  const advice = choice.kind === 'chosen' ? ` The evidence speaks for one of them: ${choice.why}` : '';
  return `The branches of "${question}" have ended.${advice} Look with df compare, take one with df merge, or go on without with df merge --abort.`;
}

interface Next {
  phase: 'open' | 'ready' | 'judging' | 'merging';
  /** Why the project waits for its owner. */
  forOwner?: string;
  choice?: ForkChoice;
  tied?: string[];
}

/**
 * Writes down what the branches came to, and what is next. Only the first of two that weigh at the same time does, and none
 * where the owner has decided since.
 */
async function put(
  { state, now, record }: EvaluateDeps,
  project: Project,
  { decisionId, order, branches, question, persona }: Fork,
  { forOwner, ...next }: Next,
): Promise<void> {
  let changed = false;
  await state.project(project.id).update((current) => {
    const open = openFork(current);
    changed = open?.decisionId === decisionId && open.phase === 'open' && open.order === order;
    if (!changed) return current;
    const forks = withFork(current.forks, decisionId, (each) => ({ ...each, branches, ...next }));
    if (forOwner === undefined) return { ...current, forks, updatedAt: now() };
    const waiting = { for: 'owner' as const, detail: forOwner, since: now() };
    return { ...current, forks, waiting, statusReason: forOwner, updatedAt: now() };
  });
  if (!changed || next.phase === 'open') return;
  await record({
    projectId: project.id,
    type: 'decision.weighed',
    level: 'info',
    persona,
    message: forOwner ?? next.choice?.why ?? `The branches of "${question}" are equal: a judge is asked.`,
    data: { decisionId, ...next },
  });
}
