/** How a job ended. Failures that are expected are values of this kind; an exception is a surprise. */
export type JobResult =
  /** `workFailed`: the job did what it is for, and what came of it is bad: a project that failed, a gate that is red. */
  | { outcome: 'done'; detail: string; workFailed?: true }
  /** Its work was taken already, or its project does not want it any more. */
  | { outcome: 'skipped'; detail: string }
  /** Not before `until`: the job waits in Redis, holds no worker and spends no attempt. */
  | { outcome: 'parked'; until: Date; detail: string }
  /** The worker is going down: the job goes back to the queue at once, for another worker. */
  | { outcome: 'interrupted'; detail: string };

export const done = (detail: string): JobResult => ({ outcome: 'done', detail });

/** @param good what came of the work, not of the job */
export const doneWith = (good: boolean, detail: string): JobResult =>
  good ? done(detail) : { outcome: 'done', detail, workFailed: true };

export const skipped = (detail: string): JobResult => ({ outcome: 'skipped', detail });
