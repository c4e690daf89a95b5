/** Which Redis: the address in the environment, the one in config.yaml, or the embedded one of the home. */
import { join } from 'node:path';
import type { Config } from '../factory/config/config.ts';
import { type EmbeddedRedis, ensureEmbeddedRedis } from './embedded/embedded.ts';
import {
  connect,
  connectionOptions,
  type Redis,
  type RedisRole,
  type RedisTarget,
  showTarget,
} from './redis/redis.ts';

export interface OpenRedis {
  source: 'REDIS_URL' | 'config.yaml' | 'embedded';
  target: RedisTarget;
  /** Fit for messages: no user, no password. */
  shown: string;
  /** A new connection; this object closes it on `release`, unless its user did. Throws as `connect` of `redis.ts`. */
  connect(role: RedisRole): Promise<Redis>;
  /** Closes every connection made here and leaves the embedded Redis. A second call does nothing. */
  release(): Promise<void>;
}

export interface OpenRedisOptions {
  config: Pick<Config, 'redis'>;
  /** `DF_HOME`. */
  home: string;
  env: NodeJS.ProcessEnv;
  /** Hears of outages and of troubles that were survived; for the log. */
  onProblem?: (message: string) => void;
}

/**
 * Chooses a Redis and, for the embedded one, makes sure that it runs. Addresses are checked, not yet connected to.
 *
 * @throws DarkFactoryError `usage`/`redis_url_invalid`, and `environment` errors of `ensureEmbeddedRedis`
 */
export async function openRedis(options: OpenRedisOptions): Promise<OpenRedis> {
  const onProblem = options.onProblem ?? (() => undefined);
  const fromEnvironment = options.env['REDIS_URL'];
  const url =
    fromEnvironment !== undefined && fromEnvironment !== '' ? fromEnvironment : options.config.redis.url;
  if (url === undefined) {
    const embedded = await ensureEmbeddedRedis(join(options.home, 'run'), {
      path: options.env['PATH'] ?? '',
      onProblem,
    });
    return opened('embedded', { socket: embedded.socket }, onProblem, embedded);
  }
  connectionOptions({ url }, 'producer');
  return opened(url === fromEnvironment ? 'REDIS_URL' : 'config.yaml', { url }, onProblem, null);
}

function opened(
  source: OpenRedis['source'],
  target: RedisTarget,
  onProblem: (message: string) => void,
  embedded: EmbeddedRedis | null,
): OpenRedis {
  const connections = new Set<Redis>();
  const shown = source === 'embedded' ? 'the embedded Redis' : showTarget(target);
  return {
    source,
    target,
    shown,
    async connect(role) {
      const redis = await connect(target, role, {
        onError: (error) => onProblem(`Redis connection: ${error.message}`),
      });
      connections.add(redis);
      redis.once('end', () => connections.delete(redis));
      return redis;
    },
    async release() {
      for (const redis of connections) redis.disconnect();
      connections.clear();
      await embedded?.release();
    },
  };
}
