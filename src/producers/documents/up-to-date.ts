import { notedActiveTime } from '../../factory/model/active-time.ts';
import { figuresMove, type Project } from '../../factory/model/project.ts';
import type { ProjectSummary, StateStore } from '../../factory/ports.ts';
import { asShown } from './as-shown.ts';
import { withPlaces } from './queue-places.ts';

/**
 * The figures of an ended project are final, but for those of children that end after it; reading ten thousand ledgers for
 * them would take long.
 */
export async function upToDate<T extends Project | ProjectSummary>(
  state: StateStore,
  projects: readonly T[],
): Promise<(T | Project)[]> {
  const moving = projects.filter((project) => ('moves' in project ? project.moves : figuresMove(project)));
  const read = moving.map(async ({ id }) => asShown(state, await state.project(id).get()));
  const fresh = new Map((await Promise.all(read)).map((project) => [project.id, project]));
  const shown = projects.map((project) => {
    const known = fresh.get(project.id);
    if (known !== undefined || 'moves' in project) return known ?? project;
    // The same figure everywhere: what the limit counts.
    return { ...project, activeMs: notedActiveTime(project) };
  });
  return withPlaces<T | Project>(state, shown);
}
