import { DelayedError, type Job, UnrecoverableError, WaitingError, Worker } from 'bullmq';
import { readVersion } from '../lib/version.ts';
import { catalogue, type QueueName } from '../queues/index.ts';
import type { Redis } from '../queues/redis.ts';
import type { Services } from '../services.ts';
import { logFields } from './log-fields.ts';
import { NOBODYS_MS, PUT_BACK_MS, readPayload } from './newer-jobs.ts';
import { type ObeyStop, obeyStop } from './obey-stop.ts';
import type { JobContext, JobResult, Processor } from './processor.ts';
import { type Remedy, remedyFor } from './recovery.ts';

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
}

export interface Host {
  /** Jobs being worked on in this process now. */
  running(): number;
  /**
   * Takes no new job. Running ones may go on for `graceMs` milliseconds; then they are told to stop, journal what they
   * did, and go back to the queue.
   */
  close(graceMs: number): Promise<void>;
}

/** A stall is no verdict on the job (its worker was killed): the journal, not BullMQ, counts those and gives up. */
const MAX_STALLS = 1_000;
/** Share of the grace period in which jobs may still end by themselves. */
const PATIENCE = 0.7;

/** Opens a BullMQ worker for each queue. */
export async function startHost(options: HostOptions): Promise<Host> {
  const shutdown = new AbortController();
  let running = 0;
  const stop = obeyStop({
    look: () => options.services.emergencyStop.look(),
    pause: async () => void (await Promise.all(workers.map((worker) => worker.pause(true)))),
    resume: async () => void (await Promise.all(workers.map((worker) => worker.resume()))),
    tell: (message, error) => tellOfStop(options.services, message, error),
  });
  const open = <Name extends QueueName>(name: Name) =>
    openWorker(name, options, shutdown.signal, stop, (change) => {
      running += change;
    });
  const workers = options.queues.map(open);
  stop.halted();
  await Promise.all(workers.map((worker) => worker.waitUntilReady()));
  return {
    running: () => running,
    async close(graceMs) {
      stop.close();
      const timer = setTimeout(() => shutdown.abort(), graceMs * PATIENCE);
      // Pausing first keeps every worker from fetching another job while one of them is still closing.
      await Promise.all(workers.map((worker) => worker.pause(true)));
      if (running === 0) shutdown.abort();
      await Promise.all(workers.map((worker) => worker.close()));
      clearTimeout(timer);
      shutdown.abort();
    },
  };
}

function openWorker<Name extends QueueName>(
  name: Name,
  options: HostOptions,
  shutdown: AbortSignal,
  stop: ObeyStop,
  count: (change: number) => void,
): Worker {
  const { keepCompleted, keepFailed } = catalogue[name].options;
  const { queues, workers } = options.services.config;
  const { lockDuration, stalledInterval } = workers;
  // BullMQ takes the number of a queue's own limit, but the worker's duration: where there is one, both must be of it.
  const limiter = queues[name]?.rateLimit ?? catalogue[name].options.limiter;
  const worker: Worker = new Worker(
    name,
    async (job: Job, token?: string, signal?: AbortSignal) => {
      count(1);
      try {
        if (stop.halted()) return await backToQueue(job, token);
        const halted = stop.signal();
        const signals = [...(signal ? [signal] : []), shutdown, halted];
        return await work(name, options, job, token, AbortSignal.any(signals), halted);
      } finally {
        count(-1);
      }
    },
    {
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
    },
  );
  // BullMQ protects its own record, not our effects: a worker that lost its lock has to be told to stop.
  worker.on('lockRenewalFailed', (ids) => {
    for (const id of ids) worker.cancelJob(id, 'the lock on the job was lost');
  });
  worker.on('error', (error) => options.services.log.warn({ queue: name, err: error }, 'queue connection'));
  return worker;
}

/** One job: parse, process, and turn the result or the failure into BullMQ's terms. */
async function work<Name extends QueueName>(
  name: Name,
  options: HostOptions,
  job: Job,
  token: string | undefined,
  signal: AbortSignal,
  halted: AbortSignal,
): Promise<string> {
  const context: JobContext = {
    services: options.services,
    job: `${name}/${job.id ?? ''}`,
    signal,
    log: (line) => {
      // Lines for the board are a courtesy: a failure to write one must not fail the job.
      job.log(line).catch((error: unknown) => options.services.log.debug({ err: error }, 'board line lost'));
    },
  };
  const read = readPayload(name, job.data);
  if (!read.ok) return putBack(options, job, token, read.problem);
  const { payload } = read;
  const processor: Processor<Name> = options.processors[name];
  let result: JobResult;
  try {
    result = await processor(payload, context);
  } catch (error) {
    // What was cut may fail in any way: that says nothing of the job.
    if (halted.aborted) return backToQueue(job, token);
    return fail(options, job, token, payload, error);
  }
  if (result.outcome === 'parked') return park(job, token, result.until.getTime());
  if (result.outcome === 'interrupted') return backToQueue(job, token);
  return `${result.outcome}: ${result.detail}`;
}

/**
 * It may be a newer program's: its workers take it, and nothing happens to its project meanwhile. Spends no attempt.
 */
async function putBack(
  { services }: HostOptions,
  job: Job,
  token: string | undefined,
  problem: string,
): Promise<never> {
  const now = services.clock.now().getTime();
  const said = { ...logFields(job.data), queue: job.queueName, job: job.id, problem, version: readVersion() };
  if (now - job.timestamp > NOBODYS_MS) {
    services.log.error(said, 'a job that no worker understands was dropped');
    throw new UnrecoverableError(`No worker understands this job (${problem}).`);
  }
  services.log.warn(
    said,
    'this worker does not understand a job and leaves it to one of a newer version; upgrade this program',
  );
  return park(job, token, now + PUT_BACK_MS);
}

/** No attempt is spent. */
async function backToQueue(job: Job, token: string | undefined): Promise<never> {
  await job.moveToWait(token);
  throw new WaitingError();
}

function tellOfStop({ log }: Services, message: string, error?: unknown): void {
  log.warn(error === undefined ? {} : { err: error }, `worker ${message}`);
  process.stderr.write(`worker ${process.pid} ${message}\n`);
}

async function park(job: Job, token: string | undefined, until: number): Promise<never> {
  await job.moveToDelayed(until, token);
  throw new DelayedError();
}

async function fail(
  options: HostOptions,
  job: Job,
  token: string | undefined,
  payload: unknown,
  error: unknown,
): Promise<string> {
  const remedy = remedyFor(error, (job.opts.attempts ?? 1) - job.attemptsMade - 1);
  options.services.log.error(
    { ...logFields(payload), queue: job.queueName, job: job.id, payload, err: error, remedy },
    'job failed',
  );
  if (remedy.act === 'drop') return `dropped: ${String(error)}`;
  if (remedy.act === 'park') return park(job, token, options.services.clock.now().getTime() + remedy.ms);
  if (remedy.act === 'retry') throw error;
  await options.onFailure(payload, error, remedy);
  throw new UnrecoverableError(error instanceof Error ? error.message : String(error));
}
