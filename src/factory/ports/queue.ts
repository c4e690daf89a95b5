import type { NextJob } from '../../queues/jobs/catalogue.ts';

/** Enqueues jobs. Adding one whose `deduplicationId` still waits or runs changes nothing. */
export interface JobQueue {
  /** Throws `environment`/`redis_unreachable`. */
  enqueue(...jobs: NextJob[]): Promise<void>;
  /** As `enqueue`, and a job that is there already with a longer delay gets this one. */
  hasten(...jobs: NextJob[]): Promise<void>;
  /** Those that neither wait nor run. */
  missing(...jobs: NextJob[]): Promise<NextJob[]>;
}

/** How a job ended. Failures that are expected are values of this kind; an exception is a surprise. */
export type JobResult =
  | { outcome: 'done'; detail: string }
  /** Its work was taken already, or its project does not want it any more. */
  | { outcome: 'skipped'; detail: string }
  /** Not before `until`: the job waits in Redis, holds no worker and spends no attempt. */
  | { outcome: 'parked'; until: Date; detail: string }
  /** The worker is going down: the job goes back to the queue at once, for another worker. */
  | { outcome: 'interrupted'; detail: string };

/**
 * Does a job here and now as a worker would: the same lease, money and sandbox.
 *
 * Throws `environment`/`halted` while the owner's emergency stop is on, and what the job itself throws once its project says so.
 */
export type Perform = (job: NextJob, signal?: AbortSignal) => Promise<JobResult>;
