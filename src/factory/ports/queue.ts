import type { NextJob } from '../../queues/jobs/catalogue.ts';
import type { JobResult } from '../../queues/jobs/result.ts';

/** Enqueues jobs. Adding one whose `deduplicationId` still waits or runs changes nothing. */
export interface JobQueue {
  /** Throws `environment`/`redis_unreachable`. */
  enqueue(...jobs: NextJob[]): Promise<void>;
  /** As `enqueue`, and a job that is there already with a longer delay gets this one; beside one that has begun its `ifBegun` is added. */
  hasten(...jobs: NextJob[]): Promise<void>;
  /** As `enqueue`, and a job that is there already and waits for longer than it was to, for the clock was set back, waits that long from now. */
  ensure(...jobs: NextJob[]): Promise<void>;
  /** Those that neither wait nor run. */
  missing(...jobs: NextJob[]): Promise<NextJob[]>;
}

/**
 * Does a job here and now as a worker would: the same lease, money and sandbox.
 *
 * Throws `environment`/`halted` while the owner's emergency stop is on, and what the job itself throws once its project says so.
 */
export type Perform = (job: NextJob, signal?: AbortSignal) => Promise<JobResult>;
