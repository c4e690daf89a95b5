import { readVersion } from '../lib/version.ts';
import { catalogue, type QueueName } from '../queues/jobs/catalogue.ts';
import type { HostOptions } from './host-options.ts';

/** A stall is no verdict on the job (its worker was killed): the journal, not BullMQ, counts those and gives up. */
const MAX_STALLS = 1_000;

/** How a BullMQ worker of a queue is opened. */
export function workerSettings(
  name: QueueName,
  options: Pick<HostOptions, 'services' | 'redis' | 'prefix' | 'concurrency'>,
) {
  const { keepCompleted, keepFailed } = catalogue[name].options;
  const { queues, workers } = options.services.config;
  const { lockDuration, stalledInterval } = workers;
  // BullMQ takes the number of a queue's own limit, but the worker's duration: where there is one, both must be of it.
  const limiter = queues[name]?.rateLimit ?? catalogue[name].options.limiter;
  return {
    // Stands in the list of Redis' clients and on every job: tells which versions are at work side by side.
    name: `df-${readVersion()}`,
    connection: options.redis,
    prefix: options.prefix,
    concurrency: options.concurrency(name),
    ...(limiter === null ? {} : { limiter }),
    lockDuration,
    stalledInterval,
    maxStalledCount: MAX_STALLS,
    removeOnComplete: keepCompleted,
    removeOnFail: keepFailed,
  };
}
