import { ENDED, type Project } from '../../model/project.ts';
import { needOf } from '../next-step.ts';

type Open = Parameters<typeof needOf>[0] & Pick<Project, 'after' | 'parentProjectId' | 'toldOfPause'>;

/** Whether anything goes on, or will by itself: the night is not over as long as one project does. Pure. */
export function goesOn(open: readonly Open[]): boolean {
  const unfinished = open.filter(({ status }) => !ENDED.has(status));
  const ids = new Set(unfinished.map(({ id }) => id));
  const forked = new Set(unfinished.map(({ parentProjectId }) => parentProjectId));
  // Whether those that it waits for go on is asked of themselves.
  const waitsForAnother = ({ id, waiting, after = [] }: Open) =>
    waiting?.for === 'project' && (forked.has(id) || after.some((each) => ids.has(each)));
  return unfinished.some(
    (project) =>
      project.started &&
      !waitsForAnother(project) &&
      // No step has gone well since its owner was told of a pause: each try of an hour would make a night of its own.
      project.toldOfPause === undefined &&
      // Money, rates and keys are probed for; of the paused some go on by themselves, too.
      (project.status !== 'paused' || needOf(project, null) === null),
  );
}
