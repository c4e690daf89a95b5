import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { connect, type Redis, redisFailure } from '../../src/queues/redis/redis.ts';
import { checkRedis, tryRedis } from '../../src/queues/redis/redis-check.ts';
import { freePort, startRedis, type TestRedis, type TestRedisOptions } from '../support/redis.ts';
import { until } from '../support/until.ts';

let redis: TestRedis | null = null;
const connections: Redis[] = [];

async function server(options?: TestRedisOptions): Promise<TestRedis> {
  redis = await startRedis(options);
  return redis;
}

async function open(...args: Parameters<typeof connect>): Promise<Redis> {
  const connection = await connect(...args);
  connections.push(connection);
  return connection;
}

afterEach(async () => {
  for (const connection of connections.splice(0)) connection.disconnect();
  await redis?.stop();
  redis = null;
});

describe('connect', () => {
  it('reaches a Redis by address, by Unix socket and by unix:// address', async () => {
    const { url, socket } = await server();
    await (await open({ url }, 'worker')).set('k', 'v');
    expect(await (await open({ socket }, 'producer')).get('k')).toBe('v');
    expect(await (await open({ url: `unix://${socket}` }, 'producer')).get('k')).toBe('v');
  });

  it('selects the database of the address', async () => {
    const { url } = await server();
    await (await open({ url: `${url}/3` }, 'producer')).set('k', 'three');
    expect(await (await open({ url }, 'producer')).get('k')).toBeNull();
  });

  it('A08 redis-down: a producer is told, with what to do', async () => {
    const url = `redis://127.0.0.1:${await freePort()}`;
    await expect(connect({ url }, 'producer')).rejects.toMatchObject({
      kind: 'environment',
      code: 'redis_unreachable',
      hint: expect.stringContaining('REDIS_URL'),
    });
  });

  it('A08 redis-frozen: a server that accepts and never answers is told as well, after less than 5 s of waiting', async () => {
    const silent = createTcpServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const address = silent.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(connect({ url: `redis://127.0.0.1:${port}` }, 'producer')).rejects.toMatchObject({
      code: 'redis_unreachable',
    });
    silent.close();
  });

  it('says at once that the password is wrong, and does not show it', async () => {
    const { port } = await server({ args: ['--requirepass', 'right'] });
    const failure = await connect({ url: `redis://:wr0ng@127.0.0.1:${port}` }, 'producer').catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ kind: 'environment', code: 'redis_refused' });
    expect(String(failure)).not.toContain('wr0ng');
    expect(await (await open({ url: `redis://:right@127.0.0.1:${port}` }, 'producer')).ping()).toBe('PONG');
    await expect(connect({ url: `redis://127.0.0.1:${port}` }, 'producer')).rejects.toMatchObject({
      code: 'redis_refused',
    });
  });

  it('speaks TLS for rediss:// and refuses a certificate that nobody vouches for', async () => {
    const folder = (await server()).folder;
    const made = spawnSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-days',
        '1',
        '-subj',
        '/CN=localhost',
        '-keyout',
        'k',
        '-out',
        'c',
      ],
      { cwd: folder },
    );
    expect(made.status).toBe(0);
    const tlsPort = await freePort();
    const secure = await startRedis({
      args: [
        ...['--tls-port', String(tlsPort), '--tls-auth-clients', 'no'],
        ...[
          '--tls-cert-file',
          join(folder, 'c'),
          '--tls-key-file',
          join(folder, 'k'),
          '--tls-ca-cert-file',
          join(folder, 'c'),
        ],
      ],
    });
    await expect(
      connect({ url: `rediss://localhost:${tlsPort}` }, 'producer', { deadline: 1_500 }),
    ).rejects.toMatchObject({ code: 'redis_unreachable', message: expect.stringMatching(/self-signed/) });
    await secure.stop();
  });
});

describe('an outage', () => {
  it('A07 redis-restart: a worker connection comes back by itself and its commands were only late', async () => {
    const { url } = await server({ persistence: 'aof' });
    const worker = await open({ url }, 'worker');
    await worker.set('k', 'v');
    await redis?.kill();
    await until(() => worker.status !== 'ready');
    const late = worker.get('k');
    await redis?.start();
    expect(await late).toBe('v');
  });

  it('a producer command fails at once while Redis is away, and works again afterwards', async () => {
    const { url } = await server();
    const producer = await open({ url }, 'producer');
    await redis?.kill();
    await until(() => producer.status !== 'ready');
    const failure = await producer.ping().catch((error: unknown) => error);
    expect(redisFailure({ url }, failure)).toMatchObject({ kind: 'environment', code: 'redis_unreachable' });
    await redis?.start();
    await until(async () => (await producer.ping()) === 'PONG');
  });

  it('a producer command on a frozen Redis fails by itself, after less than 5 s of waiting', async () => {
    const { url, pid } = await server();
    const producer = await open({ url }, 'producer');
    process.kill(pid(), 'SIGSTOP');
    const failure = await producer.set('k', 'v').catch((error: unknown) => error);
    expect(redisFailure({ url }, failure)).toMatchObject({ code: 'redis_unreachable' });
    process.kill(pid(), 'SIGCONT');
  });
});

describe('checkRedis', () => {
  it('A12 wrong-eviction: refuses a Redis that may throw jobs away', async () => {
    const { url } = await server({ args: ['--maxmemory-policy', 'allkeys-lru'] });
    await expect(checkRedis(await open({ url }, 'worker'))).rejects.toMatchObject({
      kind: 'environment',
      code: 'redis_eviction',
      message: expect.stringContaining('allkeys-lru'),
      hint: expect.stringContaining('noeviction'),
    });
  });

  it('A10 redis-no-persistence: warns when nothing is kept on disk', async () => {
    const { url } = await server();
    const report = await checkRedis(await open({ url }, 'worker'));
    expect(report).toMatchObject({ persistence: 'none', policy: 'noeviction', memory: 'ok' });
    expect(report.warnings).toEqual([expect.stringContaining('appendonly yes')]);
  });

  it('is content with an append-only file', async () => {
    const { url } = await server({ persistence: 'aof' });
    const report = await checkRedis(await open({ url }, 'worker'));
    expect(report).toMatchObject({ persistence: 'aof', warnings: [] });
  });

  it('A11 redis-oom: says that Redis is full', async () => {
    const { url } = await server({ args: ['--maxmemory', '1mb'] });
    const connection = await open({ url }, 'worker');
    await expect(
      (async () => {
        for (let i = 0; i < 100; i += 1) await connection.set(`k${i}`, 'x'.repeat(100_000));
      })(),
    ).rejects.toThrow('OOM');
    const report = await checkRedis(connection);
    expect(report.memory).toBe('full');
    expect(report.warnings).toContainEqual(expect.stringContaining('Redis is full'));
  });
});

describe('a Redis that cannot do what the factory needs is told before the night, with what to do:', () => {
  const refused = async (options: TestRedisOptions, login = '', set: string[][] = []) => {
    const { url } = await server(options);
    const owner = set.length === 0 ? null : await open({ url }, 'worker');
    for (const command of set) await owner?.call(command[0] ?? '', ...command.slice(1));
    const address = url.replace('redis://', `redis://${login}`);
    const attempt = async () => {
      const connection = await open({ url: address }, 'worker');
      await checkRedis(connection);
      await tryRedis(connection, 'df-x');
    };
    return attempt().then(
      () => null,
      (error: unknown) => error,
    );
  };
  const user = (...rights: string[]) => [['ACL', 'SETUSER', 'me', 'on', '>pw', ...rights]];

  it.each<[string, string, RegExp, Parameters<typeof refused>]>([
    ['cluster mode', 'redis_cluster', /single Redis/, [{ args: ['--cluster-enabled', 'yes'] }]],
    ['a replica', 'redis_replica', /primary/, [{ args: ['--replicaof', '127.0.0.1', '1'] }]],
    ['no scripts', 'redis_incapable', /proxy/, [{ args: ['--rename-command', 'EVAL', ''] }]],
    [
      'a user that may not run INFO',
      'redis_not_allowed',
      /\+info/,
      [{}, 'me:pw@', user('~*', '&*', '+@all', '-info')],
    ],
    ['a user of other keys', 'redis_not_allowed', /~df-x\*/, [{}, 'me:pw@', user('~app:*', '&*', '+@all')]],
    [
      'a user that may not block',
      'redis_not_allowed',
      /\+@all/,
      [{}, 'me:pw@', user('~*', '&*', '+@all', '-@blocking')],
    ],
  ])('%s', async (_, code, hint, wanted) => {
    expect(await refused(...wanted)).toMatchObject({
      kind: 'environment',
      code,
      hint: expect.stringMatching(hint),
    });
  });

  it('while a user with the rights that are named is enough', async () => {
    const named = ['~df-x*', '&*', '+@all', '-@admin', '-@dangerous', '+info', '+client|list'];
    expect(await refused({}, 'me:pw@', user(...named))).toBeNull();
  });

  it('a database that is not there', async () => {
    const { url } = await server();
    await expect(connect({ url: `${url}/99` }, 'producer')).rejects.toMatchObject({
      code: 'redis_refused',
      hint: expect.stringContaining('number of a database'),
    });
  });
});
