import { once } from 'node:events';
import {
  appendFile,
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { config } from '../../src/factory/config/config.ts';
import { ensureEmbeddedRedis } from '../../src/queues/embedded/embedded.ts';
import { openRedis } from '../../src/queues/open.ts';
import { connect } from '../../src/queues/redis/redis.ts';
import { startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { get, PATH, set, useEmbedded } from './embedded-house.ts';

const { home, run, letGo, ensure, pidOf, servers, startUser } = useEmbedded();

describe('the embedded Redis', () => {
  it('starts when first needed, serves on a private socket, and listens on no port', async () => {
    const { socket } = await ensure();
    await set(socket, 'k', 'v');
    expect(await get(socket, 'k')).toBe('v');
    expect((await stat(run())).mode & 0o777).toBe(0o700);
    expect((await stat(socket)).mode & 0o777).toBe(0o700);
    const redis = await connect({ socket }, 'producer');
    expect(await redis.config('GET', 'port')).toEqual(['port', '0']);
    expect(await redis.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
    expect(await redis.config('GET', 'appendonly')).toEqual(['appendonly', 'yes']);
    redis.disconnect();
  });

  it('ends with the last one who leaves and keeps what was written', async () => {
    const first = await ensure();
    const second = await ensure();
    const pid = await pidOf();
    await set(first.socket, 'k', 'v');
    await first.release();
    expect(await get(second.socket, 'k')).toBe('v');
    expect(await pidOf()).toBe(pid);
    await second.release();
    expect(servers()).toEqual([]);
    expect(await get((await ensure()).socket, 'k')).toBe('v');
  });

  it('is one server for many that start at once, in one process and in several', async () => {
    const others = await Promise.all([1, 2, 3, 4].map(() => startUser()));
    await Promise.all([1, 2, 3, 4].map(() => ensure()));
    await until(() => others.every((user) => user.said().includes('up')));
    expect(servers()).toHaveLength(1);
    await Promise.all([...others.map((user) => user.leave()), letGo()]);
    expect(servers()).toEqual([]);
  });

  it('is never lost between one who leaves and one who enters', async () => {
    for (let round = 0; round < 15; round += 1) {
      const leaving = await ensure();
      const [entered] = await Promise.all([ensure(), leaving.release()]);
      await set(entered.socket, 'round', String(round));
      expect(servers()).toHaveLength(1);
      await entered.release();
    }
    expect(servers()).toEqual([]);
  });

  it('survives the death of the process that started it and of its terminal', async () => {
    const starter = await startUser();
    await until(() => starter.said().includes('up'));
    const user = await ensure();
    starter.child.kill('SIGKILL');
    await once(starter.child, 'exit');
    await set(user.socket, 'k', 'v');
    await user.release();
    expect(servers()).toEqual([]);
  });

  it('is in a session of its own and carries none of our environment', async () => {
    await ensure();
    const pid = await pidOf();
    const status = await readFile(`/proc/${pid}/stat`, 'utf8');
    const session = status.slice(status.lastIndexOf(')')).split(' ')[4];
    expect(session).toBe(String(pid));
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8');
    expect(environment).not.toMatch(/HOME|TMPDIR|VITEST/);
  });

  it('A07 is started again when it dies under those who use it, with what it had written', async () => {
    const problems: string[] = [];
    const { socket } = await ensure(run(), (message) => problems.push(message));
    const worker = await connect({ socket }, 'worker');
    await worker.set('k', 'v');
    await worker.call('WAITAOF', 0, 0, 0).catch(() => undefined);
    const pid = await pidOf();
    // Everysec: what is older than a second is on disk.
    await until(async () => /aof_pending_bio_fsync:0/.test(await worker.info('persistence')));
    process.kill(pid, 'SIGKILL');
    await until(async () => (await pidOf()) !== pid && worker.status === 'ready');
    expect(await worker.get('k')).toBe('v');
    expect(problems).toContainEqual(expect.stringContaining('starting it again'));
    worker.disconnect();
  });
  it('starts over a socket and a pid file that a crash left, also when the pid is somebody else now', async () => {
    const redis = await ensure();
    await set(redis.socket, 'k', 'v');
    await redis.release();
    await writeFile(join(run(), 'redis.pid'), `${process.pid}\n`);
    await writeFile(redis.socket, '');
    expect(await get((await ensure()).socket, 'k')).toBe('v');
  });

  it('sets an unreadable append-only file aside and says so', async () => {
    const first = await ensure();
    await set(first.socket, 'k', 'v');
    await first.release();
    const folder = join(run(), 'appendonlydir');
    const [file] = (await readdir(folder)).filter((name) => name.endsWith('.incr.aof'));
    await writeFile(join(folder, file ?? ''), 'nonsense that is no command\n'.repeat(50));
    const problems: string[] = [];
    expect(await get((await ensure(run(), (message) => problems.push(message))).socket, 'k')).toBeNull();
    expect(problems).toEqual([expect.stringContaining('set aside')]);
    expect(await readdir(run())).toContainEqual(expect.stringMatching(/^appendonlydir\.unreadable-/));
  });

  it('loads an append-only file whose last command is torn', async () => {
    const first = await ensure();
    await set(first.socket, 'k', 'v');
    await first.release();
    const folder = join(run(), 'appendonlydir');
    const [file] = (await readdir(folder)).filter((name) => name.endsWith('.incr.aof'));
    await appendFile(join(folder, file ?? ''), '*3\r\n$3\r\nSET\r\n$1');
    expect(await get((await ensure()).socket, 'k')).toBe('v');
  });

  it('serves a home whose path is too long for a Unix socket, and one with spaces and quotes', async () => {
    const long = join(home(), 'long '.repeat(15), `it's "quoted" $HOME`, 'run');
    const redis = await ensure(long);
    expect(Buffer.byteLength(redis.socket)).toBeLessThan(100);
    await set(redis.socket, 'k', 'v');
    await redis.release();
    expect(await get((await ensure(long)).socket, 'k')).toBe('v');
    const link = join(redis.socket, '..');
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    await letGo();
    await rm(link);
  });

  it('says how to install Redis when there is none', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'path-'));
    await expect(ensureEmbeddedRedis(run(), { path: empty })).rejects.toMatchObject({
      kind: 'environment',
      code: 'redis_missing',
      hint: expect.stringContaining('install'),
    });
    await rm(empty, { recursive: true });
  });

  it('takes valkey-server where there is no redis-server', async () => {
    const bin = await mkdtemp(join(tmpdir(), 'path-'));
    await writeFile(join(bin, 'valkey-server'), `#!/bin/sh\nPATH='${PATH}' exec redis-server "$@"\n`);
    await chmod(join(bin, 'valkey-server'), 0o755);
    const redis = await ensureEmbeddedRedis(run(), { path: bin });
    expect(await get(redis.socket, 'k')).toBeNull();
    await redis.release();
    await rm(bin, { recursive: true });
  });

  it('shows the last words of a server that does not start', async () => {
    const bin = await mkdtemp(join(tmpdir(), 'path-'));
    await writeFile(join(bin, 'redis-server'), '#!/bin/sh\necho "no more memory"; exit 1\n');
    await chmod(join(bin, 'redis-server'), 0o755);
    await expect(ensureEmbeddedRedis(run(), { path: bin })).rejects.toMatchObject({
      code: 'redis_start_failed',
      message: expect.stringContaining('no more memory'),
    });
    await rm(bin, { recursive: true });
  });
});

describe('openRedis', () => {
  it('takes REDIS_URL before config.yaml, and the embedded one without either', async () => {
    const server = await startRedis();
    const withUrl = config.parse({ redis: { url: 'redis://nowhere.invalid' } });
    const fromEnvironment = await openRedis({
      config: withUrl,
      home: home(),
      env: { REDIS_URL: server.url },
    });
    expect(fromEnvironment).toMatchObject({ source: 'REDIS_URL', shown: server.url });
    expect(await (await fromEnvironment.connect('producer')).ping()).toBe('PONG');
    await fromEnvironment.release();
    expect(await openRedis({ config: withUrl, home: home(), env: {} })).toMatchObject({
      source: 'config.yaml',
    });
    const embedded = await openRedis({
      config: config.parse({}),
      home: home(),
      env: { PATH, REDIS_URL: '' },
    });
    expect(embedded.source).toBe('embedded');
    expect(await (await embedded.connect('worker')).ping()).toBe('PONG');
    await embedded.release();
    expect(servers()).toEqual([]);
    await server.stop();
  });

  it('refuses an address that is none before anything is started', async () => {
    await mkdir(run());
    await expect(
      openRedis({ config: config.parse({}), home: home(), env: { PATH, REDIS_URL: 'localhost' } }),
    ).rejects.toMatchObject({ code: 'redis_url_invalid' });
    expect(await readdir(run())).toEqual([]);
  });
});
