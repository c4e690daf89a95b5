import type { Project } from '../../model/project.ts';
import type { StateStore } from '../../ports.ts';
import { lineage, projectOrNull } from '../tree/tree.ts';
import { propagateBudget } from './propagate-budget.ts';
import { ownBudget } from './shares.ts';

type BudgetState = Pick<StateStore, 'project' | 'costs'>;

/**
 * What a project may spend itself at this moment, in USD, by its own document and its parent's; `undefined` without a cap. A
 * change of the cap that was cut off on its way down to it is ended first.
 */
export async function capOf(state: BudgetState, id: string, now: Date): Promise<number | undefined> {
  return (await readCap(state, id, now)).own;
}

/** The same, with the document of the project that it was read from. */
export async function readCap(
  state: BudgetState,
  id: string,
  now: Date,
): Promise<{ project: Project; own: number | undefined }> {
  const first = await state.project(id).get();
  if (first.parentProjectId === undefined) return { project: first, own: ownBudget(first) };
  const line = await lineage(state, first);
  for (const [index, { id: child }] of line.entries()) {
    const parent = line[index - 1];
    // The line alone: what cannot be read elsewhere in the tree is no matter of this project.
    if (parent !== undefined) await propagateBudget(state, parent.id, now, child);
  }
  const project = await state.project(id).get();
  const parent = await projectOrNull(state, first.parentProjectId);
  return { project, own: ownBudget(project, parent ?? undefined) };
}
