import { DarkFactoryError } from '../../lib/failure.ts';
import type { StateStore } from '../ports.ts';
import type { Project } from '../project/project.ts';
import { type Fork, lentBudget, openFork, withFork } from './fork.ts';
import { treeCosts } from './tree-costs.ts';
import { unlessMissing } from './tree.ts';

type Hands = Pick<StateStore, 'project' | 'costs'>;

/**
 * A new cap for a project whose branches may be at work.
 *
 * - Raised: each branch gets its part of the difference, as does the project itself.
 * - Lowered, or the first one: what is left is shared out anew in equal parts. No branch keeps more than it had, none gets
 *   less than it has spent.
 *
 * The project's document holds cap and shares and is changed first, and a child may spend no more than either document
 * says. So what the tree spends stays within the cap, but for calls that are on their way while it is lowered. Cut off
 * between two documents, it is ended by doing it again.
 *
 * @throws DarkFactoryError `usage`/`budget_of_branch` for a branch of a project with a cap
 */
export async function setBudget(state: Hands, id: string, budget: number, now: Date): Promise<void> {
  await refuseShare(state, await state.project(id).get());
  await share(state, id, budget, now);
}

/** @throws DarkFactoryError `usage`/`budget_of_branch` */
export async function refuseShare(
  state: Pick<StateStore, 'project'>,
  { name, parentProjectId }: Project,
): Promise<void> {
  if (parentProjectId === undefined) return;
  const parent = await unlessMissing(state.project(parentProjectId).get());
  if (parent?.settings.budget === undefined) return;
  throw new DarkFactoryError(
    'usage',
    'budget_of_branch',
    `The budget of ${name} is a share of its parent's, ${parent.name}`,
    `Raise that of the project that it all began with; its branches get their part. See df branches ${parent.id.slice(0, 8)}.`,
  );
}

async function share(state: Hands, id: string, budget: number, now: Date): Promise<void> {
  const spent = await spending(state, id);
  let shares: [string, number][] = [];
  await state.project(id).update((current) => {
    const settings = { ...current.settings, budget };
    const fork = openFork(current);
    if (fork === undefined || (fork.phase !== 'planned' && fork.phase !== 'open'))
      return { ...current, settings, updatedAt: now };
    const branches = newShares(current, fork, budget, spent);
    shares = branches.map((branch) => [branch.projectId, branch.budget]);
    const forks = withFork(current.forks, fork.decisionId, (each) => ({ ...each, branches }));
    return { ...current, settings, forks, updatedAt: now };
  });
  for (const [child, part] of shares) {
    // A fork that is only planned has branches that are not there yet; they begin with what stands in the plan.
    if ((await unlessMissing(state.project(child).get())) !== null) await share(state, child, part, now);
  }
}

/** USD, what was perhaps billed included: the project's own, and of each branch with all below it. */
interface Spending {
  own: number;
  branches: ReadonlyMap<string, number>;
}

async function spending(state: Hands, id: string): Promise<Spending> {
  const { branches } = openFork(await state.project(id).get()) ?? { branches: [] };
  const [{ branches: all }, ...below] = await Promise.all([
    treeCosts(state, id),
    ...branches.map(async ({ projectId }) => {
      if ((await unlessMissing(state.project(projectId).get())) === null) return [projectId, 0] as const;
      const { totalSpent, possibleSpent } = await treeCosts(state, projectId);
      return [projectId, totalSpent + possibleSpent] as const;
    }),
  ]);
  const own = all[0];
  return { own: (own?.totalSpent ?? 0) + (own?.possibleSpent ?? 0), branches: new Map(below) };
}

/** The branches with their shares of a new cap; see `setBudget`. */
export function newShares(
  project: Pick<Project, 'settings' | 'forks'>,
  fork: Fork,
  budget: number,
  spent: Spending,
): (Fork['branches'][number] & { budget: number })[] {
  const parts = fork.branches.length + 1;
  const before = project.settings.budget ?? Number.POSITIVE_INFINITY;
  const over = lentBudget({ forks: project.forks.filter((each) => each.decisionId !== fork.decisionId) });
  const below = fork.branches.map(({ projectId }) => spent.branches.get(projectId) ?? 0);
  const left = Math.max(0, budget - over - spent.own - below.reduce((sum, each) => sum + each, 0));
  // Where more was spent than the cap was, that comes out of the difference first.
  const more = Math.min(budget - before, left);
  return fork.branches.map((branch, index) => {
    const had = branch.budget ?? Number.POSITIVE_INFINITY;
    if (more >= 0 && branch.budget !== undefined)
      return { ...branch, budget: floored(branch.budget + more / parts) };
    return { ...branch, budget: Math.min(had, floored((below[index] ?? 0) + left / parts)) };
  });
}

/** Down to a millionth of a dollar: the parts never add up to more than the whole. */
function floored(usd: number): number {
  return Math.floor(usd * 1e6) / 1e6;
}
