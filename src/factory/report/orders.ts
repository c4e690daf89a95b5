import { pause, resume } from '../model/lifecycle.ts';
import { ENDED, type Project } from '../model/project.ts';
import { waitsForRoom } from './next-step.ts';

/** What a person can order of a project by one word. `merge`: that it is taken into the project that it was forked from. */
export type Order = 'start' | 'pause' | 'resume' | 'stop' | 'retry' | 'merge';

/** The orders that would change something now; the others would be refused, or the project would be where it was a moment later. Pure. */
export function ordersOf(project: Project, now: Date): Order[] {
  if (ENDED.has(project.status)) return ordersAfterEnd(project);
  if (!project.started) return ['start', 'stop'];
  const held = pause(project, now, { for: 'owner', detail: '', since: now });
  return [
    ...(held === project ? [] : ['pause' as const]),
    ...(goesOnFor(project, now) ? ['resume' as const] : []),
    'stop',
  ];
}

/** The same for one that has ended, of which less need be known. A branch of a decision that was lost is tried again with its parent alone. */
export function ordersAfterEnd({
  status,
  parentProjectId,
}: Pick<Project, 'status' | 'parentProjectId'>): Order[] {
  return status === 'completed' || parentProjectId !== undefined ? [] : ['retry'];
}

/** Not where it waits for an answer, or for room below a cap over all projects: it would be paused again. */
function goesOnFor(project: Project, now: Date): boolean {
  const { status, waiting } = project;
  if (status !== 'paused' || waitsForRoom(project)) return false;
  return waiting?.question === undefined && resume(project, now) !== project;
}
