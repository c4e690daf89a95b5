import { usageError } from '../../../lib/failure.ts';
import type { Project } from '../../model/project.ts';
import type { StateStore } from '../../ports.ts';
import { projectOrNull } from '../tree/tree.ts';
import { propagateBudgets, shareOut } from './propagate-budget.ts';

/**
 * A new cap for a project whose branches may be at work.
 *
 * - Raised: each branch gets its part of the difference, as does the project itself.
 * - Lowered, or the first one: what is left is shared out anew in equal parts. No branch keeps more than it had, none gets
 *   less than it has spent.
 *
 * The project's own document decides: it holds cap and shares, and is changed first and at once. Its branches follow from
 * there, level by level, and whoever next asks what one of them may spend, or looks for lost work, ends what was cut off
 * (`propagateBudget`). So what the tree spends stays within the cap, but for calls that are on their way while it is lowered.
 *
 * @returns the branches that waited for a budget and go on with what they got
 * @throws DarkFactoryError `usage`/`budget_of_branch` for a branch of a project with a cap
 */
export async function setBudget(
  state: Pick<StateStore, 'project' | 'costs'>,
  id: string,
  budget: number,
  now: Date,
): Promise<string[]> {
  await refuseShare(state, await state.project(id).get());
  await shareOut(state, id, budget, now);
  return propagateBudgets(state, id, now);
}

/** @throws DarkFactoryError `usage`/`budget_of_branch` */
async function refuseShare(
  state: Pick<StateStore, 'project'>,
  { name, parentProjectId }: Project,
): Promise<void> {
  if (parentProjectId === undefined) return;
  const parent = await projectOrNull(state, parentProjectId);
  if (parent?.settings.budget === undefined) return;
  throw usageError(
    'budget_of_branch',
    `The budget of ${name} is a share of its parent's, ${parent.name}`,
    `Raise that of the project that it all began with; its branches get their part. See df branches ${parent.id.slice(0, 8)}.`,
  );
}
