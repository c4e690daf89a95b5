/** What a Redis must be like before a worker trusts it with jobs. */
import { randomBytes } from 'node:crypto';
import { DarkFactoryError } from '../../lib/failure.ts';
import type { Redis } from './redis.ts';
import { refusalOf } from './redis-refusals.ts';

/** The oldest Redis on which jobs are moved atomically (`LMOVE`, streams with `MINID`). */
const OLDEST = [6, 2] as const;
/** Share of `maxmemory` from which on the owner is warned. */
const NEARLY_FULL = 0.9;

export interface RedisReport {
  version: string;
  /** `unknown` where the service hides it. */
  policy: string;
  persistence: 'aof' | 'rdb' | 'none' | 'unknown';
  /** Bytes; 0 = no limit. */
  maxMemory: number;
  usedMemory: number;
  /** `full`: Redis answers every new job with an out-of-memory error. */
  memory: 'ok' | 'nearly full' | 'full';
  /** For people: what works, but not as well as it should. */
  warnings: string[];
}

/** Does with two keys what queues and meter do with theirs, and removes them. In a cluster they lie on two servers. */
const TRIAL = `
redis.call('HSET', KEYS[1], 'a', '1')
redis.call('ZADD', KEYS[2], 1, 'a')
redis.call('ZPOPMIN', KEYS[2])
redis.call('DEL', KEYS[1])
redis.call('RPUSH', KEYS[1], 'a')
redis.call('LMOVE', KEYS[1], KEYS[2], 'LEFT', 'RIGHT')
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('XADD', KEYS[1], 'MAXLEN', '~', '10', '*', 'a', '1')
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[1], '1', 'PX', '1000')
redis.call('PEXPIRE', KEYS[1], 500)
redis.call('DEL', KEYS[1])
return redis.call('TIME')`;

/**
 * Tries what the factory does with Redis, so that one that cannot do it says so now and not in the middle of the night.
 *
 * @param prefix of all keys of this home
 * @throws DarkFactoryError as `refusalOf`
 */
export async function tryRedis(redis: Redis, prefix: string): Promise<void> {
  const keys = ['one', 'two'].map((name) => `${prefix}:trial:${randomBytes(6).toString('hex')}:${name}`);
  try {
    await redis.eval(TRIAL, keys.length, ...keys);
    await redis.bzpopmin(keys[0] ?? prefix, 0.01);
    await redis.info('server');
  } catch (error) {
    // That it is full is judged, and told, elsewhere.
    if (error instanceof Error && error.message.includes('OOM command not allowed')) return;
    throw refusalOf(whereIs(redis), error, prefix) ?? error;
  }
}

/**
 * Looks at version, eviction, persistence and memory.
 *
 * @throws DarkFactoryError `environment`/`redis_too_old`, or `environment`/`redis_eviction` when Redis may throw away
 *   jobs under memory pressure
 */
export async function checkRedis(redis: Redis): Promise<RedisReport> {
  const info = parseInfo(
    await redis.info().catch((error: unknown) => {
      throw refusalOf(whereIs(redis), error) ?? error;
    }),
  );
  if (info.get('cluster_enabled') === '1' || info.get('redis_mode') === 'cluster')
    throw refusalOf(whereIs(redis), new Error('cluster_enabled:1 in cluster mode'));
  if (info.get('role') === 'slave' || info.get('role') === 'replica')
    throw refusalOf(whereIs(redis), new Error('READONLY role:slave'));
  const report = judgeRedis(info, await savePoints(redis));
  if (isOlder(report.version)) {
    throw new DarkFactoryError(
      'environment',
      'redis_too_old',
      `Redis ${report.version} is too old`,
      `Use Redis ${OLDEST.join('.')} or newer, or Valkey 7.2 or newer.`,
    );
  }
  if (report.policy !== 'noeviction' && report.policy !== 'unknown') {
    throw new DarkFactoryError(
      'environment',
      'redis_eviction',
      `Redis may throw away jobs: its maxmemory-policy is ${report.policy}`,
      'Run `redis-cli config set maxmemory-policy noeviction` and put the same line into redis.conf.',
    );
  }
  return report;
}

function whereIs({ options }: Redis): string {
  return options.path ?? `${options.host ?? 'localhost'}:${options.port ?? 6_379}`;
}

/** `INFO` as a map. Pure. */
export function parseInfo(text: string): ReadonlyMap<string, string> {
  const pairs = text
    .split(/\r?\n/)
    .filter((line) => line !== '' && !line.startsWith('#') && line.includes(':'))
    .map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1)];
    });
  return new Map(pairs);
}

/**
 * Pure.
 *
 * @param savePoints the setting `save`; empty text = no snapshots, `null` = hidden by the service
 */
export function judgeRedis(info: ReadonlyMap<string, string>, savePoints: string | null): RedisReport {
  const maxMemory = Number(info.get('maxmemory') ?? 0);
  const usedMemory = Number(info.get('used_memory') ?? 0);
  const share = maxMemory > 0 ? usedMemory / maxMemory : 0;
  const memory = share >= 1 ? 'full' : share >= NEARLY_FULL ? 'nearly full' : 'ok';
  const persistence = persistenceOf(info, savePoints);
  const warnings: string[] = [];
  if (persistence === 'none') {
    warnings.push(
      'Redis keeps nothing on disk: after its restart jobs are queued again from the state files. Set `appendonly yes`.',
    );
  }
  if (memory !== 'ok') {
    warnings.push(
      `Redis is ${memory}: ${usedMemory} of ${maxMemory} bytes are in use. Raise maxmemory or free memory.`,
    );
  }
  if (info.get('aof_last_write_status') === 'err' || info.get('rdb_last_bgsave_status') === 'err') {
    warnings.push(
      'Redis could not write to its disk the last time it tried. Look at its log and at the free space.',
    );
  }
  return {
    version: info.get('redis_version') ?? '0',
    policy: info.get('maxmemory_policy') ?? 'unknown',
    persistence,
    maxMemory,
    usedMemory,
    memory,
    warnings,
  };
}

function persistenceOf(
  info: ReadonlyMap<string, string>,
  savePoints: string | null,
): RedisReport['persistence'] {
  if (info.get('aof_enabled') === '1') return 'aof';
  if (savePoints === null) return 'unknown';
  return savePoints === '' ? 'none' : 'rdb';
}

/** Hosted services forbid CONFIG; not knowing is then no reason to refuse work. */
async function savePoints(redis: Redis): Promise<string | null> {
  try {
    const reply: unknown = await redis.config('GET', 'save');
    return Array.isArray(reply) && typeof reply[1] === 'string' ? reply[1] : null;
  } catch (error) {
    if (error instanceof Error && /NOPERM|unknown command|ERR/i.test(error.message)) return null;
    throw error;
  }
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
}
