import { DarkFactoryError } from '../../lib/failure.ts';
import { queueNames } from '../../queues/jobs/catalogue.ts';
import type { Services } from '../../services.ts';

/** Worker processes that are connected now, on all machines. */
export interface WorkersNow {
  count: number;
  /** How many there are of each version of the program; `unknown` for one that does not say. */
  versions: Readonly<Record<string, number>>;
}

/** @returns how many worker processes are connected; `null` as for `lookAtWorkers` */
export async function countWorkers(services: Services, env: NodeJS.ProcessEnv): Promise<number | null> {
  return (await lookAtWorkers(services, env))?.count ?? null;
}

/**
 * Starts nothing: while the embedded Redis is down, no worker can be up.
 *
 * @returns `null` when the Redis that would know does not answer, or hides its clients
 */
export async function lookAtWorkers(services: Services, env: NodeJS.ProcessEnv): Promise<WorkersNow | null> {
  const embedded = !env['REDIS_URL'] && services.config.redis.url === undefined;
  if (embedded) {
    const { runningServer } = await import('../../queues/embedded/embedded-server.ts');
    if ((await runningServer(services.home.run)) === null) return { count: 0, versions: {} };
  }
  try {
    const redis = await services.redis();
    return workersIn(String(await redis.client('LIST')), await services.queuePrefix());
  } catch (error) {
    // Also where it went away in the midst of being asked.
    if ((await services.explain(error)) instanceof DarkFactoryError) return null;
    if (error instanceof Error && /NOPERM|unknown command|closed|timed out/i.test(error.message)) return null;
    throw error;
  }
}

/**
 * Worker processes in what `CLIENT LIST` says. BullMQ names the connection of a worker after its queue and the worker's own
 * name, in which its version stands; a process has one for each queue that it works on, so the queue with the most of them
 * counts.
 *
 * Asked here instead of through BullMQ because loading that takes longer than all of `df status`.
 */
export function workersIn(list: string, prefix: string): WorkersNow {
  const names = [...list.matchAll(/ name=(\S+)/g)].map((match) => match[1] ?? '');
  const perQueue = queueNames.map((queue) => {
    const worker = `${prefix}:${Buffer.from(queue).toString('base64')}`;
    return names.flatMap((name) => {
      if (name === worker) return [UNKNOWN];
      if (!name.startsWith(`${worker}:w:`)) return [];
      return [/^df-(\S+)$/.exec(name.slice(worker.length + 3))?.[1] ?? UNKNOWN];
    });
  });
  const most = (counts: readonly number[]) => Math.max(0, ...counts);
  const versions = [...new Set(perQueue.flat())].sort().map((version) => {
    return [version, most(perQueue.map((of) => of.filter((each) => each === version).length))] as const;
  });
  return { count: most(perQueue.map(({ length }) => length)), versions: Object.fromEntries(versions) };
}

const UNKNOWN = 'unknown';
