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
