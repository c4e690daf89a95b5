import { figuresMove, type Project } from '../../factory/model/project.ts';
import type { ProjectSummary, StateStore, UnreadableProject } from '../../factory/ports.ts';
import { isFailure } from '../../lib/failure.ts';
import { asNoted, asShown } from './as-shown.ts';
import { withPlaces } from './queue-places.ts';

/**
 * The figures of an ended project are final, but for those of children that end after it; reading ten thousand ledgers for
 * them would take long.
 *
 * @returns all of them; those of which a file cannot be read have the figures that were noted last
 */
export async function upToDate<T extends Project | ProjectSummary>(
  state: StateStore,
  projects: readonly T[],
): Promise<{ projects: (T | Project)[]; unreadable: UnreadableProject[] }> {
  const moving = projects.filter((project) => ('moves' in project ? project.moves : figuresMove(project)));
  const unreadable: UnreadableProject[] = [];
  const read = moving.map(async ({ id }): Promise<[string, Project][]> => {
    try {
      return [[id, await asShown(state, await state.project(id).get())]];
    } catch (error) {
      if (!isFailure(error)) throw error;
      unreadable.push({ id, problem: error.message });
      return [];
    }
  });
  const fresh = new Map((await Promise.all(read)).flat());
  const shown = projects.map((project) => {
    const known = fresh.get(project.id);
    if (known !== undefined || 'moves' in project) return known ?? project;
    return asNoted(project);
  });
  return { projects: await withPlaces<T | Project>(state, shown), unreadable };
}
