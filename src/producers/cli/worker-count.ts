import { DarkFactoryError } from '../../lib/failure.ts';
import { queueNames } from '../../queues/index.ts';
import type { Services } from '../../services.ts';
import type { CommandContext } from './context.ts';
import { warnOfHalt } from './halt.ts';
import { yellow } from './output.ts';

/**
 * Worker processes that are connected now, on all machines. Starts nothing: while the embedded Redis is down, no worker
 * can be up.
 *
 * @returns `null` when the Redis that would know does not answer, or hides its clients
 */
export async function countWorkers(services: Services, env: NodeJS.ProcessEnv): Promise<number | null> {
  const embedded = !env['REDIS_URL'] && services.config.redis.url === undefined;
  if (embedded) {
    const { runningServer } = await import('../../queues/embedded-server.ts');
    if ((await runningServer(services.home.run)) === null) return 0;
  }
  try {
    const redis = await services.redis();
    return countClients(String(await redis.client('LIST')), await services.queuePrefix());
  } catch (error) {
    if (error instanceof DarkFactoryError) return null;
    if (error instanceof Error && /NOPERM|unknown command|closed|timed out/i.test(error.message)) return null;
    throw error;
  }
}

/**
 * Worker processes in what `CLIENT LIST` says. BullMQ names the connection of a worker after its queue; a process has one
 * for each queue that it works on, so the queue with the most of them counts.
 *
 * Asked here instead of through BullMQ because loading that takes longer than all of `df status`.
 */
export function countClients(list: string, prefix: string): number {
  const names = [...list.matchAll(/ name=(\S+)/g)].map((match) => match[1]);
  const perQueue = queueNames.map((queue) => {
    const worker = `${prefix}:${Buffer.from(queue).toString('base64')}`;
    return names.filter((name) => name === worker || name?.startsWith(`${worker}:w:`)).length;
  });
  return Math.max(...perQueue);
}

/** Work that is asked for while nobody is there to do it should not surprise anybody. */
export async function warnWithoutWorkers(context: CommandContext): Promise<void> {
  const { services, env, err, program } = context;
  await warnOfHalt(context);
  if ((await countWorkers(await services(), env)) !== 0) return;
  err.line([
    yellow('warning:'),
    ` no worker is running. Start one with: ${program} up   or: ${program} worker`,
  ]);
}
