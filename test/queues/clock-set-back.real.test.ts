import { DelayedError, Worker } from 'bullmq';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { reconcile } from '../../src/factory/lifecycle/dispatch.ts';
import { createProjectPolling } from '../../src/factory/lifecycle/polling.ts';
import type { ProjectWaiting } from '../../src/factory/lifecycle/waiting.ts';
import { openBus } from '../../src/queues/bus.ts';
import type { NextJob, QueueName } from '../../src/queues/jobs/catalogue.ts';
import { connect } from '../../src/queues/redis/redis.ts';
import { createMemoryState } from '../support/memory-state.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { NOW, sampleAgent, sampleProject } from '../support/samples.ts';
import { until } from '../support/until.ts';

/** How far the clock was set back. */
const BACK_MS = 10_800_000;
const SHORT_MS = 200;

let server: TestRedis;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server?.stop());

async function world(prefix: string) {
  const redis = await connect({ socket: server.socket }, 'worker');
  const bus = openBus(redis, prefix);
  onTestFinished(async () => {
    await bus.close();
    redis.disconnect();
  });
  const keyOf = (queue: QueueName) => bus.queues[queue].toKey('delayed');
  /** To a job that was put off before, it is as if the clock had been set back. */
  async function setBack(queue: QueueName): Promise<void> {
    const [id = '', score] = await redis.zrange(keyOf(queue), '0', '-1', 'WITHSCORES');
    await redis.zadd(keyOf(queue), Number(score) + BACK_MS * 0x1000, id);
  }
  function work(queue: QueueName, act: ConstructorParameters<typeof Worker>[1] & object): void {
    const worker = new Worker(queue, act as never, { connection: redis, prefix });
    onTestFinished(() => worker.close());
  }
  const scores = (queue: QueueName) => redis.zrange(keyOf(queue), '0', '-1', 'WITHSCORES');
  return { redis, ...bus, setBack, work, scores };
}

const active = () => sampleProject({ started: true, prepared: true, status: 'active' });

/** A look for lost work at one project. */
async function look(queue: Awaited<ReturnType<typeof world>>): Promise<void> {
  const project = active();
  const { store } = createMemoryState([project], [sampleAgent({ projectId: project.id })]);
  const { problems } = await reconcile(
    {
      ...{ state: store, config: { auditInterval: 1e9 }, now: () => NOW, patience: 0 },
      answered: async () => false,
      abandonedEpoch: async () => undefined,
      nextStepOf: async () => undefined,
    },
    queue,
  );
  expect(problems).toEqual([]);
}

const step = (): NextJob => {
  const { id: projectId } = active();
  const { personaName: persona, nextStep } = sampleAgent();
  return {
    queue: 'agent-steps',
    payload: { projectId, persona, step: nextStep },
    deduplicationId: `${projectId}.${persona}.${nextStep}`,
    delay: SHORT_MS,
  };
};

test('A140 clock-back: a step that was put off for a moment comes after that moment also when the clock was set back since', async () => {
  const queue = await world('put-off');
  await queue.enqueue(step());
  await queue.setBack('agent-steps');
  await look(queue);
  const taken: unknown[] = [];
  queue.work('agent-steps', async ({ data }) => void taken.push(data));
  await until(() => taken.length > 0);
  expect(taken).toEqual([step().payload]);
});

test('a step that its worker parked for a moment comes after that moment also when the clock was set back since', async () => {
  const queue = await world('parked');
  const tries: unknown[] = [];
  queue.work('agent-steps', async (job, token) => {
    tries.push(job.id);
    if (tries.length > 1) return;
    await job.moveToDelayed(Date.now() + BACK_MS + SHORT_MS, token);
    // As the job stands that was parked before: it was to wait for this long.
    await queue.redis.hset(queue.queues['agent-steps'].toKey(job.id ?? ''), 'delay', SHORT_MS);
    throw new DelayedError();
  });
  await queue.enqueue({ ...step(), delay: 0 });
  await until(async () => (await queue.counts())['agent-steps'].delayed === 1);
  await until(async () => (await queue.queues['agent-steps'].getDelayed())[0]?.delay === SHORT_MS);
  await look(queue);
  await until(() => tries.length === 2);
  expect(new Set(tries).size).toBe(1);
});

test('the next probe of a provider that is out comes in time also when the clock was set back since', async () => {
  const queue = await world('probe');
  const { store } = createMemoryState([sampleProject({ started: true, status: 'waiting_for_credits' })], []);
  const polling = createProjectPolling(
    {
      ...{ state: store, config: { auditInterval: 3_600_000 }, now: () => NOW },
      queue: async () => queue,
      finance: async () => ({
        probeSchedule: async () => [{ providerId: 'main', delay: SHORT_MS }],
        wakeUps: async () => [],
      }),
      record: async () => {},
    },
    {} as Partial<ProjectWaiting> as ProjectWaiting,
  );
  await polling.requestProbes();
  await queue.setBack('provider-probes');
  await polling.poll(0);
  const asked: unknown[] = [];
  queue.work('provider-probes', async ({ data }) => void asked.push(data));
  await until(() => asked.length > 0);
  expect(asked).toEqual([{ providerId: 'main' }]);
});

test('a step that waits no longer than it was to is left alone by a look for lost work', async () => {
  const queue = await world('alone');
  await queue.enqueue({ ...step(), delay: BACK_MS });
  const before = await queue.scores('agent-steps');
  await look(queue);
  expect(await queue.scores('agent-steps')).toEqual(before);
});
