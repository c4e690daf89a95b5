import type { Config } from '../factory/config/config.ts';
import { once } from '../lib/async/once.ts';
import type { Bus } from './bus.ts';
import type { OpenRedis } from './open.ts';
import type { Redis, RedisRole } from './redis/redis.ts';

/** Everything of this process that goes through Redis, each opened once and only when it is asked for. */
export interface Connections {
  /** Which Redis, started when it is the embedded one. Throws `environment` errors. */
  openRedis(): Promise<OpenRedis>;
  /** A connection for the role of this process. Throws `environment`/`redis_unreachable`. */
  redis(): Promise<Redis>;
  /** Throws `environment`/`redis_prefix_taken` when the keys are another home's. */
  queues(): Promise<Bus>;
  /** Looks again whether the keys are this home's; throws as `queues` does. */
  claimPrefix(): Promise<void>;
  /** All keys of this home in Redis start with it. */
  queuePrefix(): Promise<string>;
  /** An error that says that Redis went away or refuses us, worded for people; any other as it came. */
  explain(error: unknown): Promise<unknown>;
  /** Closes what was opened; the last one to leave an embedded Redis ends it. */
  close(): Promise<void>;
}

export interface ConnectionsOptions {
  home: { root: string; prepare(): Promise<void>; id(): Promise<string> };
  config: Pick<Config, 'redis'>;
  env: NodeJS.ProcessEnv;
  role: RedisRole;
  /** Hears of outages and of troubles that were survived. */
  onProblem(message: string): void;
}

export function openConnections({ home, config, env, role, onProblem }: ConnectionsOptions): Connections {
  const openRedis = once(async () => {
    const { openRedis: open } = await import('./open.ts');
    await home.prepare();
    return open({ config, home: home.root, env, onProblem });
  });
  const redis = once(async () => (await openRedis()).connect(role));
  const queuePrefix = async () => config.redis.prefix ?? `df-${await home.id()}`;
  const claimPrefix = async () => {
    const { claimPrefix: claim } = await import('./claim.ts');
    await claim(await redis(), await queuePrefix(), { id: await home.id(), root: home.root });
  };
  const queues = once(async () => {
    const { openBus } = await import('./bus.ts');
    await claimPrefix();
    return openBus(await redis(), await queuePrefix());
  });
  return {
    openRedis,
    redis,
    queuePrefix,
    queues,
    claimPrefix,
    async explain(error) {
      const target = (await openRedis.made())?.target;
      if (target === undefined) return error;
      const { redisFailure } = await import('./redis/redis.ts');
      return redisFailure(target, error) ?? error;
    },
    async close() {
      await (await queues.made())?.close();
      await (await openRedis.made())?.release();
    },
  };
}
