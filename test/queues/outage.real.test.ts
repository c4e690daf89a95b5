import { Queue, Worker } from 'bullmq';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { connect, type Redis } from '../../src/queues/redis/redis.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

let server: TestRedis;
const connections: Redis[] = [];
const open: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  server = await startRedis({ persistence: 'aof' });
});

afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
  for (const connection of connections.splice(0)) connection.disconnect();
  await server.stop();
});

async function connection(role: 'worker' | 'producer'): Promise<Redis> {
  const made = await connect({ url: server.url }, role);
  connections.push(made);
  return made;
}

it('A07 redis-restart-20s: workers that sat through an outage of 20 s take jobs again without a restart', async () => {
  const done = new Set<string>();
  const unexpected: unknown[] = [];
  for (const _ of [1, 2]) {
    const worker = new Worker('q', async (job) => void done.add(String(job.data)), {
      connection: await connection('worker'),
    });
    worker.on('error', () => undefined);
    worker.on('failed', (_job, error) => unexpected.push(error));
    open.push(worker);
    await worker.waitUntilReady();
  }
  const queue = new Queue<string>('q', { connection: await connection('producer') });
  queue.on('error', () => undefined);
  open.push(queue);
  await queue.add('j', 'before');
  await until(() => done.has('before'));

  await server.restart({ signal: 'SIGKILL', downMs: 20_000 });

  const names = Array.from({ length: 20 }, (_, i) => `after ${i}`);
  await until(() => queue.addBulk(names.map((data) => ({ name: 'j', data }))));
  await until(
    () => names.every((name) => done.has(name)),
    30_000,
    () => [...done].join(', '),
  );
  expect(unexpected).toEqual([]);
});
