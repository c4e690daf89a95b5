/** The one home of ioredis: how connections are made, and what a Redis must be like before we trust it with jobs. */
import { Redis as IoRedis, type RedisOptions } from 'ioredis';
import { DarkFactoryError, usageError } from '../../lib/failure.ts';
import { refusalOf } from './redis-refusals.ts';

export type { Redis, RedisOptions } from 'ioredis';

/** Where a Redis answers: a `redis://`, `rediss://` or `unix://` address, or the path of a Unix socket. */
export type RedisTarget = { url: string } | { socket: string };

/**
 * `worker`: patient, queues commands through an outage and comes back by itself.
 * `producer`: somebody is waiting at a terminal, so it fails within seconds.
 */
export type RedisRole = 'worker' | 'producer';

/**
 * The whole of a first connection takes no longer, in milliseconds: the command line promises an answer in 5 s, on a busy
 * machine too, where starting the program and loading its modules takes one or two of them.
 */
const CONNECT_DEADLINE = 2_500;
/** A producer's command gets its reply within this many milliseconds or fails. */
const COMMAND_DEADLINE = 4_000;
/** The longest pause between two attempts to reconnect, in milliseconds. */
const RECONNECT_CAP = 1_000;

/** ioredis options with the reply shapes that our code and BullMQ read: flat arrays, also under RESP3. */
export type ConnectionOptions = RedisOptions & { replyMapping: 'legacy' };

/** Address and behaviour during outages, as ioredis options. Throws `usage`/`redis_url_invalid`. */
export function connectionOptions(target: RedisTarget, role: RedisRole): ConnectionOptions {
  const common: ConnectionOptions = {
    ...addressOf(target),
    replyMapping: 'legacy',
    lazyConnect: true,
    connectTimeout: 2_000,
    keepAlive: 10_000,
    // Never gives up: an outage of any length ends with the same process still at work.
    retryStrategy: (attempt) => Math.min(25 * 2 ** Math.min(attempt, 10), RECONNECT_CAP),
    // After a failover the old master answers READONLY for ever on a connection that looks healthy.
    reconnectOnError: (error) => (error.message.startsWith('READONLY') ? 2 : false),
  };
  return role === 'worker'
    ? { ...common, maxRetriesPerRequest: null, enableOfflineQueue: true }
    : { ...common, maxRetriesPerRequest: 1, enableOfflineQueue: false, commandTimeout: COMMAND_DEADLINE };
}

/**
 * Opens a connection and waits until Redis answers on it.
 *
 * The connection has a listener for `error`, so an outage later on never ends the process; pass `onError` to log it.
 *
 * @throws DarkFactoryError `environment`/`redis_unreachable` after `deadline` milliseconds, those of `refusalOf`, `usage`/`redis_url_invalid`
 */
export async function connect(
  target: RedisTarget,
  role: RedisRole,
  options: { deadline?: number; onError?: (error: Error) => void } = {},
): Promise<IoRedis> {
  const deadline = options.deadline ?? CONNECT_DEADLINE;
  const redis = new IoRedis(connectionOptions(target, role));
  let lastError: Error | undefined;
  redis.on('error', (error: Error) => {
    lastError = error;
    options.onError?.(error);
  });
  try {
    await untilReady(redis, deadline, () => lastError);
    return redis;
  } catch (error) {
    redis.disconnect();
    const cause = lastError ?? error;
    throw refusalOf(showTarget(target), cause) ?? unreachable(target, cause);
  }
}

/** Ready, refused, or out of time. A server that is still loading its file counts as not ready yet. */
function untilReady(redis: IoRedis, deadline: number, lastError: () => Error | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => end(new Error(`no answer within ${deadline / 1_000} s`)), deadline);
    const onReady = () => end();
    const onError = (error: Error) => {
      if (refusalOf('', error) !== null) end(error);
    };
    const end = (error?: Error) => {
      clearTimeout(timer);
      redis.off('ready', onReady);
      redis.off('error', onError);
      if (error) reject(lastError() ?? error);
      else resolve();
    };
    redis.on('ready', onReady);
    redis.on('error', onError);
    // Rejects on the first failed attempt; the attempts that follow are the retry strategy's, and the timer judges.
    redis.connect().catch(onError);
  });
}

/** A Redis error for people, when `error` says that Redis is away; otherwise `null`. */
export function redisFailure(target: RedisTarget, error: unknown): DarkFactoryError | null {
  if (!(error instanceof Error)) return null;
  // It is said already.
  if (error instanceof DarkFactoryError) return null;
  const refusal = refusalOf(showTarget(target), error);
  if (refusal !== null) return refusal;
  const away =
    /ECONNREFUSED|ECONNRESET|ENOENT|ENOTFOUND|EAI_AGAIN|EPIPE|ETIMEDOUT|EHOSTUNREACH|Connection is closed|enableOfflineQueue|Command timed out|max retries per request|Command aborted/i;
  return away.test(error.message) ? unreachable(target, error) : null;
}

function unreachable(target: RedisTarget, cause: unknown): DarkFactoryError {
  const detail = cause instanceof Error && cause.message !== '' ? `: ${cause.message}` : '';
  return new DarkFactoryError(
    'environment',
    'redis_unreachable',
    `Redis at ${showTarget(target)} does not answer${detail}`,
    /certificate|self-signed|SSL|EPROTO|wrong version|packet length/i.test(detail)
      ? 'Is it TLS on both sides (rediss://) or on neither (redis://)? For a certificate authority of your own set NODE_EXTRA_CA_CERTS.'
      : 'Start it, or set REDIS_URL (or redis.url in config.yaml) to one that runs; without either an embedded Redis is used.',
    { cause },
  );
}

/** The address without user, password and options: fit for messages and logs. */
export function showTarget(target: RedisTarget): string {
  if ('socket' in target) return target.socket;
  const url = URL.canParse(target.url) ? new URL(target.url) : null;
  return url ? `${url.protocol}//${url.host}${url.pathname}` : 'an address that is no URL';
}

/** Parses an address once, at the door; ioredis would take almost any text for a host name. */
function addressOf(target: RedisTarget): RedisOptions {
  if ('socket' in target) return { path: target.socket };
  const url = URL.canParse(target.url) ? new URL(target.url) : null;
  if (url?.protocol === 'unix:' && url.pathname.length > 1) return { path: decodeURIComponent(url.pathname) };
  const database = url === null || /^\/?$/.test(url.pathname) ? 0 : Number(url.pathname.slice(1));
  if (
    url === null ||
    !['redis:', 'rediss:'].includes(url.protocol) ||
    url.hostname === '' ||
    !Number.isInteger(database)
  ) {
    throw usageError(
      'redis_url_invalid',
      `The Redis address${url === null ? '' : ` ${showTarget(target)}`} is not usable`,
      'Write redis://[user:password@]host[:port][/database], rediss:// for TLS, or unix:///path/to/socket.',
    );
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return {
    host,
    port: url.port === '' ? 6_379 : Number(url.port),
    db: database,
    ...(url.username === '' ? {} : { username: decodeURIComponent(url.username) }),
    ...(url.password === '' ? {} : { password: decodeURIComponent(url.password) }),
    ...(url.protocol === 'rediss:' ? { tls: { servername: host } } : {}),
  };
}

/**
 * One connection to a Unix socket that is never made again when it breaks: it stands for being there.
 *
 * @returns `null` when no Redis answers there, or it is still loading its file
 */
export async function connectOnce(socket: string, name: string): Promise<IoRedis | null> {
  const redis = new IoRedis({
    path: socket,
    replyMapping: 'legacy',
    connectionName: name,
    lazyConnect: true,
    connectTimeout: 2_000,
    enableOfflineQueue: false,
    retryStrategy: () => null,
  });
  // Listened to so that a break is an event and not an exception; `end` follows.
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return redis;
  } catch {
    redis.disconnect();
    return null;
  }
}
