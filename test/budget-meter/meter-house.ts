import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { connect, type Redis } from '../../src/queues/redis/redis.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';

/** A Redis of the file's own, emptied before each test. */
export function useMeterRedis() {
  let server: TestRedis;
  let redis: Redis;
  beforeAll(async () => {
    server = await startRedis();
    redis = await connect({ socket: server.socket }, 'worker');
  });
  afterAll(async () => {
    redis?.disconnect();
    await server?.stop();
  });
  beforeEach(async () => {
    await redis.flushall();
  });
  return {
    redis: () => redis,
    racer: (orders: Record<string, unknown>) => startRacer(server.socket, orders),
  };
}

const RACER = fileURLToPath(new URL('meter-racer.ts', import.meta.url));

/** Runs a racer at a server; `lines` fills while it runs. */
function startRacer(socket: string, orders: Record<string, unknown>) {
  const text = JSON.stringify({ socket, ...orders });
  const child = spawn(process.execPath, ['--import', 'tsx', RACER, text], {
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
