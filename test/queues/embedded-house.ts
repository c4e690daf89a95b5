import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { type EmbeddedRedis, ensureEmbeddedRedis } from '../../src/queues/embedded/embedded.ts';
import { connect } from '../../src/queues/redis/redis.ts';
import { type Compiled, compile } from '../support/compiled.ts';
import { makeHome, type TestHome } from '../support/home.ts';
import { processesOf } from '../support/processes/process-list.ts';

export const PATH = process.env['PATH'] ?? '';
const USER = new URL('embedded-user.ts', import.meta.url);

/** A home for each test, and what holds an embedded Redis in it, all of it gone afterwards. */
export function useEmbedded() {
  let home: TestHome;
  let run: string;
  const users: ChildProcess[] = [];
  const held: EmbeddedRedis[] = [];

  let compiled: Compiled;
  beforeAll(async () => {
    compiled = await compile(USER);
  });
  afterAll(() => compiled?.remove());

  beforeEach(async () => {
    home = await makeHome();
    run = join(home.home, 'run');
  });

  const letGo = async () => {
    await Promise.all(held.splice(0).map((redis) => redis.release()));
  };

  afterEach(async () => {
    for (const user of users.splice(0)) user.kill('SIGKILL');
    await letGo();
    await home.cleanup();
  });

  return {
    home: () => home.home,
    run: () => run,
    letGo,
    async ensure(folder = run, onProblem?: (message: string) => void): Promise<EmbeddedRedis> {
      const redis = await ensureEmbeddedRedis(folder, { path: PATH, ...(onProblem ? { onProblem } : {}) });
      held.push(redis);
      return redis;
    },
    pidOf: async (folder = run) => Number(await readFile(join(folder, 'redis.pid'), 'utf8')),
    servers: () => processesOf(home.home).filter((found) => /redis-server unixsocket/.test(found.command)),
    /** A process of its own that holds the embedded Redis until its input ends. */
    async startUser(): Promise<{ child: ChildProcess; said(): string; leave(): Promise<void> }> {
      const child = spawn(process.execPath, [compiled.file(USER), run], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      users.push(child);
      let text = '';
      child.stdout?.on('data', (data: Buffer) => {
        text += data.toString();
      });
      return {
        child,
        said: () => text,
        async leave() {
          const exited = once(child, 'exit');
          child.stdin?.end();
          await exited;
        },
      };
    },
  };
}

export async function get(socket: string, key: string): Promise<string | null> {
  const redis = await connect({ socket }, 'producer');
  const value = await redis.get(key);
  redis.disconnect();
  return value;
}

export async function set(socket: string, key: string, value: string): Promise<void> {
  const redis = await connect({ socket }, 'producer');
  await redis.set(key, value);
  redis.disconnect();
}
