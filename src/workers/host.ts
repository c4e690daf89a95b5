import { type Job, UnrecoverableError, Worker } from 'bullmq';
import { anySignal } from '../lib/async/any-signal.ts';
import { redactText } from '../lib/text/redact.ts';
import { catalogue, type QueueName } from '../queues/jobs/catalogue.ts';
import type { JobResult } from '../queues/jobs/result.ts';
import type { Services } from '../services.ts';
import type { HostOptions, MakeWorker } from './host-options.ts';
import { findStuck, type Post } from './idle.ts';
import { backToQueue, park, putBack } from './later.ts';
import { logFields } from './log-fields.ts';
import { withTries } from './maintenance/tries.ts';
import { readPayload } from './newer-jobs.ts';
import { type ObeyStop, obeyStop } from './obey-stop.ts';
import { keptOf, remedyFor } from './recovery.ts';
import type { JobContext, Processor } from './steps/processor.ts';
import { workerSettings } from './worker-settings.ts';

export interface Host {
  /** Jobs being worked on in this process now. */
  running(): number;
  /**
   * Asked again and again, puts a new worker in the place of one that is connected but takes no jobs. What the old one had at
   * work is not cut off, and its lock runs out.
   *
   * @param patience milliseconds. Default: as long as a silent worker keeps its jobs
   * @returns the queues concerned
   */
  revive(patience?: number): Promise<QueueName[]>;
  /**
   * Takes no new job. Running ones may go on for `graceMs` milliseconds; then they are told to stop, journal what they
   * did, and go back to the queue.
   */
  close(graceMs: number): Promise<void>;
}

/** Of the grace period, for jobs to end by themselves. */
const PATIENCE = 0.7;

/** Opens a BullMQ worker for each queue. */
export async function startHost(options: HostOptions): Promise<Host> {
  const shutdown = new AbortController();
  const make = options.makeWorker ?? ((name, process, settings) => new Worker(name, process, settings));
  const all = () => posts.map(({ worker }) => worker);
  const stop = obeyStop({
    look: () => options.services.emergencyStop.look(),
    pause: async () => void (await Promise.all(all().map((worker) => worker.pause(true)))),
    resume: async () => void (await Promise.all(all().map((worker) => worker.resume()))),
    tell: (message, error) => tellOfStop(options.services, message, error),
  });
  const open = (post: Omit<Post<Worker>, 'worker'>) =>
    openWorker(post.name, options, make, shutdown.signal, stop, (change) => {
      post.running += change;
      if (change > 0) post.begun += 1;
    });
  const posts = options.queues.map((name): Post<Worker> => {
    const post = { name, begun: 0, running: 0, idle: null };
    return Object.assign(post, { worker: open(post) });
  });
  const running = () => posts.reduce((sum, post) => sum + post.running, 0);
  stop.halted();
  await Promise.all(all().map((worker) => worker.waitUntilReady()));
  return {
    running,
    async revive(patience = options.services.config.workers.lockDuration) {
      if (shutdown.signal.aborted) return [];
      const { services } = options;
      const bus = await services.queues();
      const stuck = await findStuck(
        posts,
        (name) => bus.takeable(name),
        services.clock.now().getTime(),
        patience,
      );
      for (const post of stuck) {
        const old = post.worker;
        post.worker = open(post);
        // It may hang for ever over a connection that is dead: nobody waits for that.
        old.close(true).catch((error: unknown) => {
          services.log.warn({ queue: post.name, err: error }, 'a worker that took no jobs did not close');
        });
      }
      return stuck.map(({ name }) => name);
    },
    async close(graceMs) {
      stop.close();
      const workers = all();
      const timer = setTimeout(() => shutdown.abort(), graceMs * PATIENCE);
      // Pausing first keeps every worker from fetching another job while one of them is still closing.
      await Promise.all(workers.map((worker) => worker.pause(true)));
      if (running() === 0) shutdown.abort();
      await Promise.all(workers.map((worker) => worker.close()));
      clearTimeout(timer);
      shutdown.abort();
    },
  };
}

function openWorker<Name extends QueueName>(
  name: Name,
  options: HostOptions,
  make: MakeWorker,
  shutdown: AbortSignal,
  stop: ObeyStop,
  count: (change: number) => void,
): Worker {
  const worker = make(
    name,
    async (job: Job, token?: string, signal?: AbortSignal) => {
      count(1);
      try {
        if (stop.halted()) return await backToQueue(job, token);
        const halted = stop.signal();
        const cut = anySignal([...(signal ? [signal] : []), shutdown, halted]);
        try {
          return await work(name, options, job, token, cut.signal, halted);
        } finally {
          cut.letGo();
        }
      } finally {
        count(-1);
      }
    },
    workerSettings(name, options),
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
  // What Redis keeps of a job stands in clear, on its disk and on the board.
  const quiet = options.services.config.privacy.encrypt;
  const context: JobContext = {
    services: options.services,
    job: `${name}/${job.id ?? ''}`,
    signal,
    log: (line) => {
      if (quiet) return;
      // Lines for the board are a courtesy: a failure to write one must not fail the job.
      job
        .log(redactText(line))
        .catch((error: unknown) => options.services.log.debug({ err: error }, 'board line lost'));
    },
  };
  const read = readPayload(name, job.data);
  if (!read.ok) return putBack(options.services, job, token, read.problem);
  const { payload } = read;
  // It comes again by itself, parked or not: each that waited would be joined by further ones, for as long as its trouble lasts.
  const comesAgain = catalogue[name].job(payload).isRoutine;
  const processor: Processor<Name> = options.processors[name];
  let result: JobResult;
  try {
    result = await withTries(name, payload, context, () => processor(payload, context));
  } catch (error) {
    // What was cut may fail in any way: that says nothing of the job.
    if (halted.aborted) return backToQueue(job, token);
    return fail(options, job, token, { payload, comesAgain }, error);
  }
  if (result.outcome === 'parked' && !comesAgain) return park(job, token, result.until.getTime());
  if (result.outcome === 'interrupted') return backToQueue(job, token);
  // The board tells work that failed by it.
  const word = result.outcome === 'done' && result.workFailed ? 'work failed' : result.outcome;
  return quiet ? word : redactText(`${word}: ${result.detail}`);
}

function tellOfStop({ log }: Pick<Services, 'log'>, message: string, error?: unknown): void {
  log.warn(error === undefined ? {} : { err: error }, `worker ${message}`);
  process.stderr.write(`worker ${process.pid} ${message}\n`);
}

async function fail(
  options: HostOptions,
  job: Job,
  token: string | undefined,
  { payload, comesAgain }: { payload: unknown; comesAgain: boolean },
  error: unknown,
): Promise<string> {
  const left = (job.opts.attempts ?? 1) - job.attemptsMade - 1;
  const remedy = remedyFor(error, left, job.attemptsMade, payload);
  options.services.log.error(
    { ...logFields(payload), queue: job.queueName, job: job.id, payload, err: error, remedy },
    'job failed',
  );
  const quiet = options.services.config.privacy.encrypt;
  const kept = keptOf(error, quiet);
  if (remedy.act === 'drop') return `dropped: ${kept.message}`;
  if (remedy.act === 'retry') throw kept;
  if (remedy.act !== 'park') await options.onFailure(payload, error, remedy);
  if ('ms' in remedy && comesAgain) return `dropped: ${kept.message}`;
  if ('ms' in remedy) return park(job, token, options.services.clock.now().getTime() + remedy.ms);
  throw new UnrecoverableError(kept.message);
}
