import type { Processor as Process, Worker, WorkerOptions } from 'bullmq';
import type { QueueName } from '../queues/jobs/catalogue.ts';
import type { Redis } from '../queues/redis/redis.ts';
import type { Services } from '../services.ts';
import type { Remedy } from './recovery.ts';
import type { Processor } from './steps/processor.ts';

export type Processors = { readonly [Name in QueueName]: Processor<Name> };

export interface HostOptions {
  services: Services;
  processors: Processors;
  /** A patient connection: it queues commands through an outage of Redis. */
  redis: Redis;
  prefix: string;
  queues: readonly QueueName[];
  /** Jobs at once, per queue, in this process. */
  concurrency(name: QueueName): number;
  /** Carries out the remedies that concern the project. */
  onFailure(payload: unknown, error: unknown, remedy: Remedy): Promise<void>;
  /** Default: BullMQ's worker. */
  makeWorker?: MakeWorker;
}

export type MakeWorker = (name: QueueName, process: Process, settings: WorkerOptions) => Worker;
