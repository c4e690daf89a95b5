import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LONG } from '../support/looks.ts';
import { type Scenario, scenario, slow } from '../support/scenario.ts';
import { until } from '../support/until.ts';

function connect(s: Scenario): Redis {
  const redis = new Redis(s.redis.url, { maxRetriesPerRequest: null });
  onTestFinished(() => redis.disconnect());
  return redis;
}

const audits = async (s: Scenario, id: string) =>
  (await s.events(id)).filter(({ type }) => type.startsWith('audit.'));

describe('what Redis forgets', () => {
  it('A32 scheduler-lost: periodic audits go on, each round once, though every trace of them in Redis is deleted', async () => {
    const s = await scenario({ script: slow(1_500), config: ['auditInterval: 1s'] });
    const { id } = await s.init('audited');
    await s.worker();
    await s.df('start', id);
    const redis = connect(s);
    const deleting = setInterval(() => {
      void redis.keys('*audits*').then((keys) => (keys.length === 0 ? 0 : redis.del(...keys)));
      void redis.keys('*projects:de:*').then((keys) => (keys.length === 0 ? 0 : redis.del(...keys)));
    }, 2_000);
    onTestFinished(() => clearInterval(deleting));
    await until(async () => (await audits(s, id)).length >= 2, LONG, 'two audits');
    clearInterval(deleting);
    await s.ends(id);
    const rounds = (await audits(s, id)).map(({ data }) => (data as { round: number }).round);
    expect(rounds).toEqual([...new Set(rounds)].sort((a, b) => a - b));
  });
});

describe('a step that is run again', () => {
  it('A34 job-id-reuse: a finished step that is queued again by its id says that it was taken, and does nothing', async () => {
    const s = await scenario();
    const { id } = await s.init('again');
    await s.worker();
    await s.ends(id);
    const project = await s.project(id);
    const connection = connect(s);
    const prefix = (await connection.keys('*:agent-steps:meta'))[0]?.replace(':agent-steps:meta', '') ?? '';
    const queue = new Queue('agent-steps', { connection, prefix });
    onTestFinished(() => queue.close());
    const again = await queue.add(
      'agent-steps',
      { projectId: id, persona: 'engineer', step: 2 },
      { deduplication: { id: `${id}.engineer.2` } },
    );
    const job = await until(async () => {
      const found = again.id === undefined ? undefined : await queue.getJob(again.id);
      return found?.finishedOn === undefined ? null : found;
    }, 30_000);
    expect(job.returnvalue).toMatch(/^skipped: .*(completed|already taken)/);
    expect(s.model.ledger).toHaveLength(7);
    expect((await s.project(id)).updatedAt).toEqual(project.updatedAt);
  });
});
