import { expecting } from '../../lib/errno.ts';
import { isFailure } from '../../lib/failure.ts';
import { descendants } from '../decisions/tree/tree.ts';
import { exploresDecision, type Project } from '../model/project.ts';
import type { StateStore } from '../ports.ts';
import { type Need, needOf } from './next-step.ts';

/**
 * What a project needs its owner for, or, while it waits for its branches, the first of these that needs him. Branches that
 * cannot be read hide nothing here: whoever reads the project's figures says so.
 */
export async function needInTree(
  state: Pick<StateStore, 'project'>,
  project: Project,
  workers: number | null,
): Promise<Need | null> {
  const own = needOf(project, workers);
  if (own !== null || !exploresDecision(project)) return own;
  const below = await descendants(state, project.id).catch(expecting(isFailure, []));
  return below.map((each) => needOf(each, workers)).find((need) => need !== null) ?? null;
}
