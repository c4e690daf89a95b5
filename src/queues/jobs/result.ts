/** How a job ended. Failures that are expected are values of this kind; an exception is a surprise. */
export type JobResult =
  | { outcome: 'done'; detail: string }
  /** Its work was taken already, or its project does not want it any more. */
  | { outcome: 'skipped'; detail: string }
  /** Not before `until`: the job waits in Redis, holds no worker and spends no attempt. */
  | { outcome: 'parked'; until: Date; detail: string }
  /** The worker is going down: the job goes back to the queue at once, for another worker. */
  | { outcome: 'interrupted'; detail: string };

export const done = (detail: string): JobResult => ({ outcome: 'done', detail });

export const skipped = (detail: string): JobResult => ({ outcome: 'skipped', detail });
