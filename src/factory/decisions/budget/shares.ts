import type { Fork } from '../../model/fork.ts';
import type { Project } from '../../model/project.ts';

/**
 * USD of a project's budget that it may not spend itself: the shares of children that are at work, and what the others
 * have spent. A child never spends more than its share, so the tree never spends more than the root's budget.
 */
export function lentBudget({ forks }: { forks: readonly Fork[] }): number {
  return forks.reduce(
    (sum, { branches }) =>
      sum + branches.reduce((all, branch) => all + (branch.spent ?? branch.budget ?? 0), 0),
    0,
  );
}

/**
 * What a project may spend itself, in USD; `undefined` without a cap.
 *
 * @param parent of a child: its share as the parent has it counts from the moment on in which it is made smaller there
 */
export function ownBudget(project: Capped, parent?: Pick<Capped, 'forks'>): number | undefined {
  const share = parent?.forks
    .flatMap(({ branches }) => branches)
    .find(({ projectId }) => projectId === project.id)?.budget;
  const caps = [project.settings.budget, share].filter((each) => each !== undefined);
  return caps.length === 0 ? undefined : Math.max(0, Math.min(...caps) - lentBudget(project));
}

interface Capped {
  id: string;
  settings: { budget?: number | undefined };
  forks: readonly Fork[];
}

/** Part of its remaining active time that a project gives to its children, who work at the same time. */
const TIME_SHARE = 0.5;

/**
 * A child's share: the remaining budget in equal parts, of which the parent keeps one for the merge and what comes after it;
 * and half of the remaining active time, the same half for all, for they work side by side.
 *
 * @param remaining USD and milliseconds that the parent has left; never negative
 */
export function shares(
  remaining: { budget?: number; time: number },
  children: number,
): { budget?: number; maxRuntime: number } {
  const maxRuntime = Math.max(1, Math.floor(remaining.time * TIME_SHARE));
  if (remaining.budget === undefined) return { maxRuntime };
  return { maxRuntime, budget: floored(remaining.budget / parts(children)) };
}

/** USD, what was perhaps billed included: the project's own, and of each branch with all below it. */
export interface Spending {
  own: number;
  branches: ReadonlyMap<string, number>;
  /** Caps that branches of a project without one were given by their owner. */
  caps: ReadonlyMap<string, number>;
}

/** The branches with their shares of a new cap; see `setBudget`. */
export function newShares(
  project: Pick<Project, 'settings' | 'forks'>,
  fork: Fork,
  budget: number,
  spent: Spending,
): (Fork['branches'][number] & { budget: number })[] {
  const count = parts(fork.branches.length);
  const before = project.settings.budget ?? Number.POSITIVE_INFINITY;
  const over = lentBudget({ forks: project.forks.filter((each) => each.decisionId !== fork.decisionId) });
  const below = fork.branches.map(({ projectId }) => spent.branches.get(projectId) ?? 0);
  const left = Math.max(0, budget - over - spent.own - below.reduce((sum, each) => sum + each, 0));
  // Where more was spent than the cap was, that comes out of the difference first.
  const more = Math.min(budget - before, left);
  return fork.branches.map((branch, index) => {
    const had = branch.budget ?? spent.caps.get(branch.projectId) ?? Number.POSITIVE_INFINITY;
    if (more >= 0 && branch.budget !== undefined)
      return { ...branch, budget: floored(branch.budget + more / count) };
    return { ...branch, budget: Math.min(had, floored((below[index] ?? 0) + left / count)) };
  });
}

/** Equal parts, of which the parent keeps one for the merge and what comes after it. */
const parts = (children: number): number => children + 1;

/** Down to a millionth of a dollar: the parts never add up to more than the whole. */
function floored(usd: number): number {
  return Math.floor(usd * 1e6) / 1e6;
}
