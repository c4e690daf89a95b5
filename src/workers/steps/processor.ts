import type { Payload, QueueName } from '../../queues/jobs/catalogue.ts';
import type { JobResult } from '../../queues/jobs/result.ts';
import type { Services } from '../../services.ts';

/** @typeParam Needed the services that the work uses */
export interface JobContext<Needed = Services> {
  services: Needed;
  /** Its id in the queue, the same when it is delivered again. */
  job: string;
  /** Aborted when the worker shuts down for good or has lost its lock on the job. */
  signal: AbortSignal;
  /** A line for the job's page on the board. */
  log(line: string): void;
}

/** Does the jobs of one queue. Knows nothing of BullMQ. */
export type Processor<Name extends QueueName, Needed = Services> = (
  payload: Payload<Name>,
  context: JobContext<Needed>,
) => Promise<JobResult>;
