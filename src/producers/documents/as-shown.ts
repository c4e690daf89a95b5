import { runningFigures } from '../../factory/lifecycle/running-figures.ts';
import { notedActiveTime } from '../../factory/model/active-time.ts';
import type { Project } from '../../factory/model/project.ts';
import type { StateStore } from '../../factory/ports.ts';

/**
 * The project as people and scripts see it: with what it and all that was forked from it have spent by their ledgers, and
 * with all of its active time. Its own document is behind by the step that is being taken.
 */
export async function asShown(
  state: Pick<StateStore, 'project' | 'costs' | 'agent' | 'tasks'>,
  project: Project,
): Promise<Project> {
  const figures = await runningFigures(state, project);
  return asNoted({ ...project, ...figures });
}

/** With the figures of its own document, and the same active time as everywhere: what the limit counts. */
export function asNoted<T extends Project>(project: T): T {
  return { ...project, activeMs: notedActiveTime(project) };
}
