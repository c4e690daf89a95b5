import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { connect, type Redis } from '../../src/queues/redis/redis.ts';
import { type Compiled, compile } from '../support/compiled.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';

/** A Redis of the file's own, emptied before each test. */
export function useMeterRedis() {
  let server: TestRedis;
  let redis: Redis;
  let compiled: Compiled;
  beforeAll(async () => {
    [server, compiled] = await Promise.all([startRedis(), compile(RACER)]);
    redis = await connect({ socket: server.socket }, 'worker');
  });
  afterAll(async () => {
    redis?.disconnect();
    await Promise.all([server?.stop(), compiled?.remove()]);
  });
  beforeEach(async () => {
    await redis.flushall();
  });
  return {
    redis: () => redis,
    racer: (orders: Record<string, unknown>) => startRacer(compiled.file(RACER), server.socket, orders),
  };
}

const RACER = new URL('meter-racer.ts', import.meta.url);

/** Runs a racer at a server; `lines` fills while it runs. */
function startRacer(script: string, socket: string, orders: Record<string, unknown>) {
  const text = JSON.stringify({ socket, ...orders });
  const child = spawn(process.execPath, [script, text], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: Record<string, unknown>[] = [];
  const closed = once(child, 'close');
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(JSON.parse(line)));
  return {
    lines,
    kill: () => child.kill('SIGKILL'),
    ended: async () => {
      await closed;
      return lines;
    },
  };
}
