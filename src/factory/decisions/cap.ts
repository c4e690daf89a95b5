import type { StateStore } from '../ports.ts';
import { ownBudget } from './fork.ts';
import { unlessMissing } from './tree.ts';

/** What a project may spend itself at this moment, in USD, by its own document and its parent's; `undefined` without a cap. */
export async function capOf(state: Pick<StateStore, 'project'>, id: string): Promise<number | undefined> {
  const project = await state.project(id).get();
  const { parentProjectId } = project;
  if (parentProjectId === undefined) return ownBudget(project);
  const parent = await unlessMissing(state.project(parentProjectId).get());
  return ownBudget(project, parent ?? undefined);
}
