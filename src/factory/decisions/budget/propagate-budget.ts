import { type Fork, openFork, withFork } from '../../model/fork.ts';
import { resume } from '../../model/lifecycle.ts';
import { isOutOfMoney, type Project } from '../../model/project.ts';
import type { StateStore } from '../../ports.ts';
import { projectOrNull } from '../tree/tree.ts';
import { treeCosts } from '../tree/tree-costs.ts';
import { newShares, type Spending } from './shares.ts';

type BudgetState = Pick<StateStore, 'project' | 'costs'>;

/**
 * Brings the documents of a project's branches up to the shares that its own gives them. A change of the cap begins at the top
 * and goes down, one document at a time; wherever it was cut off, this goes on with it. Writes nothing where all are even.
 *
 * @param only this branch alone
 * @returns the branches that waited for a budget and go on with what they got
 */
export async function propagateBudget(
  state: BudgetState,
  id: string,
  now: Date,
  only?: string,
): Promise<string[]> {
  const goOn: string[] = [];
  for (const { projectId, budget } of sharing(await state.project(id).get())?.branches ?? []) {
    if (budget === undefined || (only !== undefined && only !== projectId)) continue;
    // A fork that is only planned has branches that are not there yet; they begin with what stands in the plan.
    const child = await projectOrNull(state, projectId);
    if (child === null || child.settled || child.settings.budget === budget) continue;
    if (await giveShare(state, projectId, budget, now)) goOn.push(projectId);
  }
  return goOn;
}

/** The same for all that was forked from a project, each level before the next. */
export async function propagateBudgets(state: BudgetState, id: string, now: Date): Promise<string[]> {
  const goOn = await propagateBudget(state, id, now);
  for (const { projectId } of sharing(await state.project(id).get())?.branches ?? []) {
    if ((await projectOrNull(state, projectId)) !== null)
      goOn.push(...(await propagateBudgets(state, projectId, now)));
  }
  return goOn;
}

/**
 * Gives a project a cap, and its branches their shares of it, in its own document alone.
 *
 * @param andThen what else changes with it, given the project as it will be and as it was
 */
export async function shareOut(
  state: BudgetState,
  id: string,
  budget: number,
  now: Date,
  andThen: (next: Project, before: Project) => Project = (next) => next,
): Promise<void> {
  const spent = await spending(state, id);
  await state.project(id).update((current) => {
    const next = { ...current, settings: { ...current.settings, budget }, updatedAt: now };
    const fork = sharing(current);
    if (fork === undefined) return andThen(next, current);
    const branches = newShares(current, fork, budget, spent);
    const forks = withFork(current.forks, fork.decisionId, (each) => ({ ...each, branches }));
    return andThen({ ...next, forks }, current);
  });
}

/** @returns whether the branch waited for a budget and goes on with more */
async function giveShare(state: BudgetState, id: string, budget: number, now: Date): Promise<boolean> {
  let goesOn = false;
  // In one write: a look at the branches in between would end this one, for its share is used up.
  await shareOut(state, id, budget, now, (next, before) => {
    goesOn = isOutOfMoney(before) && budget > (before.settings.budget ?? Number.POSITIVE_INFINITY);
    return goesOn ? resume(next, now) : next;
  });
  return goesOn;
}

/** The fork whose branches have shares that may still change. */
function sharing(project: Project): Fork | undefined {
  const fork = openFork(project);
  return fork?.phase === 'planned' || fork?.phase === 'open' ? fork : undefined;
}

async function spending(state: BudgetState, id: string): Promise<Spending> {
  const { branches } = openFork(await state.project(id).get()) ?? { branches: [] };
  const [{ branches: all }, ...below] = await Promise.all([
    treeCosts(state, id),
    ...branches.map(async ({ projectId }) => {
      const child = await projectOrNull(state, projectId);
      if (child === null) return { projectId, spent: 0 };
      const { totalSpent, possibleSpent } = await treeCosts(state, projectId);
      return { projectId, spent: totalSpent + possibleSpent, cap: child.settings.budget };
    }),
  ]);
  const own = all[0];
  return {
    own: (own?.totalSpent ?? 0) + (own?.possibleSpent ?? 0),
    branches: new Map(below.map(({ projectId, spent }) => [projectId, spent])),
    caps: new Map(below.flatMap(({ projectId, cap }) => (cap === undefined ? [] : [[projectId, cap]]))),
  };
}
