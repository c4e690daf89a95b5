import { ENDED } from '../../model/project.ts';
import { needOf } from '../next-step.ts';

/** Whether anything goes on, or will by itself: the night is not over as long as one project does. Pure. */
export function goesOn(open: readonly Parameters<typeof needOf>[0][]): boolean {
  return open.some(
    (project) =>
      project.started &&
      !ENDED.has(project.status) &&
      // Money, rates and keys are probed for; of the paused some go on by themselves, too.
      (project.status !== 'paused' || needOf(project, null) === null),
  );
}
