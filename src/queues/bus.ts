import { type Job, Queue } from 'bullmq';
import type { Config } from '../factory/config/config.ts';
import type { Schedule } from '../factory/model/schedule.ts';
import type { JobQueue } from '../factory/ports.ts';
import { isOfFuture } from '../lib/clock.ts';
import {
  catalogue,
  isQueueName,
  type NextJob,
  type QueueCounts,
  type QueueName,
  queueNames,
} from './jobs/catalogue.ts';
import { placeInQueue } from './jobs/place-in-queue.ts';
import type { Redis } from './redis/redis.ts';

/** The producers' side of the queues. */
export interface Bus extends JobQueue {
  /** Worker connections per queue, over all processes and machines. */
  workers(): Promise<Record<QueueName, number>>;
  counts(): Promise<Record<QueueName, QueueCounts>>;
  /** Milliseconds that the oldest waiting job has waited; 0 where none waits. */
  waits(now: Date): Promise<Record<QueueName, number>>;
  /** Jobs that any worker could take now, and whether none may: the queue is paused or at its rate limit. */
  takeable(name: QueueName): Promise<{ waiting: number; held: boolean }>;
  /** Remembers a job that a worker does not understand, each time that one meets it. */
  notUnderstood(job: string, now: Date): Promise<void>;
  /** How many jobs no worker has understood lately. */
  countNotUnderstood(now: Date): Promise<number>;
  /** Has a worker look at each of these schedules at its moments, and at no others. Safe to repeat: Redis may have forgotten some. */
  keepSchedules(schedules: readonly Pick<Schedule, 'id' | 'cron' | 'timezone'>[]): Promise<void>;
  /** Does a worker have this job, as `queue/id`? `null` when no such job is known (any more). */
  isAtWork(job: string): Promise<boolean | null>;
  /** Sets the limits over all workers as configured, and takes away those that are not (any more). Safe to repeat. */
  limit(settings: Config['queues']): Promise<void>;
  /** The queues themselves, for Bull Board and metrics. */
  readonly queues: Readonly<Record<QueueName, Queue>>;
  /** Closes the queues; the connection belongs to the caller. */
  close(): Promise<void>;
}

/** A job that no worker understands is met again and again; one that was not met for so long is gone, or somebody's. Milliseconds. */
const STRANGE_MS = 60_000;

/**
 * Opens every queue of the catalogue on one connection.
 *
 * @param redis a producer's connection: commands fail fast while Redis is away
 * @param prefix all keys start with it, so that several homes can share one Redis
 */
export function openBus(redis: Redis, prefix: string): Bus {
  const open = (name: QueueName) => {
    const queue = new Queue(name, { connection: redis, prefix, defaultJobOptions: jobOptions(name) });
    // The caller sees a failure in the call that failed; without a listener the same error would end the process.
    queue.on('error', () => {});
    return queue;
  };
  const queues = Object.fromEntries(queueNames.map((name) => [name, open(name)])) as Record<QueueName, Queue>;
  const strange = `${prefix}:not-understood`;
  async function enqueue(...jobs: NextJob[]): Promise<void> {
    const of = (name: QueueName) => jobs.filter((job) => job.queue === name);
    for (const job of jobs)
      if (job.throttle !== undefined) await endLateThrottle(redis, queues[job.queue], job);
    // At once, so that all are on their way when the caller goes on.
    await Promise.all(
      queueNames
        .filter((name) => of(name).length > 0)
        .map((name) => queues[name].addBulk(of(name).map((job) => toBullJob(job, Date.now())))),
    );
  }
  return {
    queues,
    enqueue,
    async hasten(...jobs) {
      // Looked for first: what begins from here on begins after the news.
      const begun = await Promise.all(jobs.map((job) => besideBegun(queues[job.queue], job)));
      await enqueue(...jobs, ...begun.flat());
      for (const job of jobs) await shorten(redis, queues[job.queue], job);
    },
    async ensure(...jobs) {
      await enqueue(...jobs);
      await Promise.all(jobs.map((job) => endLateWait(redis, queues[job.queue], job)));
    },
    async missing(...jobs) {
      const ids = await Promise.all(
        jobs.map((job) => queues[job.queue].getDeduplicationJobId(job.deduplicationId)),
      );
      return jobs.filter((_, index) => ids[index] === null);
    },
    workers: () => collect((name) => queues[name].getWorkersCount()),
    counts: () =>
      collect(async (name) => {
        const states = ['waiting', 'prioritized', 'active', 'delayed', 'completed', 'failed'] as const;
        const counts = await queues[name].getJobCounts(...states);
        return {
          waiting: (counts['waiting'] ?? 0) + (counts['prioritized'] ?? 0),
          active: counts['active'] ?? 0,
          delayed: counts['delayed'] ?? 0,
          completed: counts['completed'] ?? 0,
          failed: counts['failed'] ?? 0,
        };
      }),
    waits: (now) =>
      collect(async (name) => {
        const first = await queues[name].getJobs(['waiting', 'prioritized'], 0, 0, true);
        const waits = first.map((job) => now.getTime() - job.timestamp - (job.opts.delay ?? 0));
        return Math.max(0, ...waits);
      }),
    async takeable(name) {
      const queue = queues[name];
      const counts = await queue.getJobCounts('waiting', 'prioritized');
      const waiting = (counts['waiting'] ?? 0) + (counts['prioritized'] ?? 0);
      if (waiting === 0) return { waiting, held: false };
      return { waiting, held: (await queue.isPaused()) || (await queue.getRateLimitTtl()) > 0 };
    },
    async notUnderstood(job, now) {
      await redis.zadd(strange, now.getTime(), job);
      await redis.zremrangebyscore(strange, 0, now.getTime() - STRANGE_MS);
    },
    countNotUnderstood: (now) => redis.zcount(strange, now.getTime() - STRANGE_MS, '+inf'),
    keepSchedules: (schedules) => keepSchedules(queues.projects, schedules, Date.now()),
    async isAtWork(job) {
      const [name = '', id = ''] = job.split(/\/(.*)/s);
      if (!isQueueName(name)) return null;
      const state = await queues[name].getJobState(id);
      return state === 'unknown' ? null : state === 'active';
    },
    async limit(settings) {
      for (const name of queueNames) {
        const rate = settings[name]?.rateLimit;
        if (rate === undefined) await queues[name].removeGlobalRateLimit();
        else await queues[name].setGlobalRateLimit(rate.max, rate.duration);
      }
    },
    async close() {
      await Promise.all(queueNames.map((name) => queues[name].close()));
    },
  };
}

/** Milliseconds after its moment in which a worker may still be about to take the job of a schedule and name the next one. */
const TAKING_MS = 60_000;

async function keepSchedules(
  queue: Queue,
  schedules: Parameters<Bus['keepSchedules']>[0],
  now: number,
): Promise<void> {
  const there = new Map((await queue.getJobSchedulers()).map((each) => [each.key, each]));
  for (const { id, cron, timezone } of schedules) {
    const { pattern, tz, next } = there.get(id) ?? {};
    there.delete(id);
    if (pattern === cron && tz === timezone && Number(next) > now - TAKING_MS) continue;
    const { name, data } = catalogue.projects.job({ action: 'schedule', scheduleId: id });
    const opts = { removeOnComplete: true };
    await queue.upsertJobScheduler(id, { pattern: cron, tz: timezone }, { name, data, opts });
  }
  for (const id of there.keys()) await queue.removeJobScheduler(id);
}

/**
 * Redis lets go of the mark of a job that comes at most once in a while at a moment of its clock. Where that was set back, the moment is
 * as far away as it went, and all the while nobody would look for lost work.
 */
async function endLateThrottle(
  redis: Redis,
  queue: Queue,
  { deduplicationId, throttle = 0 }: NextJob,
): Promise<void> {
  const left = await redis.pttl(queue.toKey(`de:${deduplicationId}`));
  if (left > throttle) await queue.removeDeduplicationKey(deduplicationId);
}

async function besideBegun(queue: Queue, { deduplicationId, ifBegun }: NextJob): Promise<NextJob[]> {
  if (ifBegun === undefined) return [];
  const id = await queue.getDeduplicationJobId(deduplicationId);
  return id !== null && (await queue.getJobState(id)) === 'active' ? [ifBegun] : [];
}

/** Gives a job that is delayed for longer the delay of this one. */
async function shorten(redis: Redis, queue: Queue, { deduplicationId, delay = 0 }: NextJob): Promise<void> {
  const found = await findDelayed(redis, queue, deduplicationId);
  if (found !== undefined) await delayFor(found.job, delay);
}

/** A delayed job comes at a moment of the clock. Where that was set back, it has been put off later than now. */
async function endLateWait(redis: Redis, queue: Queue, { deduplicationId }: NextJob): Promise<void> {
  const found = await findDelayed(redis, queue, deduplicationId);
  if (found === undefined) return;
  const { job, until } = found;
  if (isOfFuture(new Date(until - job.delay), new Date())) await delayFor(job, job.delay);
}

async function findDelayed(
  redis: Redis,
  queue: Queue,
  deduplicationId: string,
): Promise<{ job: Job; until: number } | undefined> {
  const id = await queue.getDeduplicationJobId(deduplicationId);
  const score = id === null ? null : await redis.zscore(queue.toKey('delayed'), id);
  const job = id === null || score === null ? undefined : await queue.getJob(id);
  // The lowest twelve bits of a score keep jobs of one moment in their order.
  return job && { job, until: Number(score) / 0x1000 };
}

async function delayFor(job: Job, ms: number): Promise<void> {
  try {
    await job.changeDelay(Math.max(0, Math.round(ms)));
  } catch (error) {
    // Its time came a moment ago.
    if (!(error instanceof Error && /delayed state|Missing key/.test(error.message))) throw error;
  }
}

function toBullJob(job: NextJob, now: number) {
  const { isRoutine, byPriority, ...named } = catalogue[job.queue].job(job.payload);
  return {
    ...named,
    opts: {
      ...(isRoutine ? { removeOnComplete: true } : {}),
      ...(byPriority ? { priority: placeInQueue(job.priority, now) } : {}),
      deduplication: {
        id: job.deduplicationId,
        ...(job.throttle === undefined ? {} : { ttl: job.throttle }),
      },
      ...(job.delay === undefined ? {} : { delay: Math.max(0, Math.round(job.delay)) }),
    },
  };
}

/** What every job of a queue carries, from the declaration. */
function jobOptions(name: QueueName) {
  const { attempts, backoff, keepCompleted, keepFailed } = catalogue[name].options;
  return { attempts, backoff, removeOnComplete: keepCompleted, removeOnFail: keepFailed };
}

async function collect<T>(ask: (name: QueueName) => Promise<T>): Promise<Record<QueueName, T>> {
  const answers = await Promise.all(queueNames.map(async (name) => [name, await ask(name)] as const));
  return Object.fromEntries(answers) as Record<QueueName, T>;
}
