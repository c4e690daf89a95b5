import { describe, expect, test } from 'vitest';
import { connect } from '../../src/queues/redis/redis.ts';
import { startRedis } from '../support/redis.ts';
import { meterOn, PREFIX, provider, request } from './meter-fixtures.ts';

import { useMeterRedis } from './meter-house.ts';

const { redis, racer } = useMeterRedis();
const spent = async (id = 'a') => (await meterOn(redis()).live([id])).get(id);

describe('rebuild', () => {
  test('A09 flushall: one process loads the ledgers, and nobody is granted before', async () => {
    const all = await Promise.all([1, 2, 3, 4].map(() => racer({ mode: 'rebuild' }).ended()));
    const lines = all.flat();
    expect(lines.filter((line) => line['rebuilding'])).toHaveLength(1);
    expect(lines.filter((line) => line['granted'])).toHaveLength(6);
  });

  test.each([
    ['a log', { persistence: 'aof' as const }],
    ['a snapshot', { args: ['--save', '3600', '1'] }],
  ])(
    'A10 redis-no-persistence: books of an earlier life of the server are not trusted, kept in %s',
    async (_, how) => {
      const kept = await startRedis(how);
      const connection = await connect({ socket: kept.socket }, 'worker');
      let rebuilds = 0;
      const meter = meterOn(connection, {
        facts: async () => {
          rebuilds += 1;
        },
      });
      await meter.reserve(request());
      await kept.restart();
      expect(await connection.exists(`${PREFIX}:meter:money`)).toBe(1);
      expect((await meter.live(['a'])).get('a')).toMatchObject({ reservedUsd: 0 });
      expect(rebuilds).toBe(2);
      connection.disconnect();
      await kept.stop();
    },
  );

  test('a settlement after a flush counts once, whether or not the rebuild had seen its row', async () => {
    const seen = { requestId: 'seen', providerId: 'a', projectId: 'p', usd: 0.2, tokens: 1, possible: false };
    const meter = meterOn(redis(), { facts: async (visit) => visit.spent({ ...seen, at: new Date() }) });
    const where = { providerId: 'a', projectId: 'p' };
    await meter.settle('seen', { usd: 0.2, tokens: 1, account: where });
    const totals = await meter.settle('unseen', { usd: 0.3, tokens: 1, account: where });
    expect(totals.projectSpent).toBeCloseTo(0.5);
  });

  test('requests that are open in a journal hold their money after a flush', async () => {
    const meter = meterOn(redis(), {
      facts: async (visit) =>
        visit.open({ requestId: 'open', providerId: 'a', projectId: 'p', usd: 0.5, at: new Date() }),
    });
    const poor = provider({ creditsAvailable: 0.55 });
    expect(await meter.reserve(request({ provider: poor }))).toMatchObject({
      granted: false,
      limit: 'credits',
    });
    await meter.settle('open', { usd: 0.1, tokens: 1 });
    expect(await meter.reserve(request({ provider: poor }))).toMatchObject({ granted: true });
  });

  test('sums that were deleted or evicted are made again from the ledgers, not taken for nothing', async () => {
    const at = new Date();
    const row = { requestId: 'r', providerId: 'a', projectId: 'p', usd: 0.5, tokens: 1, possible: false, at };
    const meter = meterOn(redis(), { facts: async (visit) => visit.spent(row) });
    const poor = { provider: provider({ creditsAvailable: 0.55 }) };
    expect(await meter.reserve(request(poor))).toMatchObject({ granted: false });
    await redis().del(`${PREFIX}:meter:money`);
    expect(await meter.reserve(request(poor))).toMatchObject({ granted: false, limit: 'credits' });
  });

  test.each([
    ['is torn', 'state_unreadable', 'ledger_unreadable'],
    ['lies on a disk that fails just now', 'disk_failure', 'disk_failure'],
  ])('a ledger that %s lets nobody spend', async (what, thrown, told) => {
    const { DarkFactoryError } = await import('../../src/lib/failure.ts');
    const meter = meterOn(redis(), {
      facts: async () => {
        throw new DarkFactoryError('environment', thrown, `costs.jsonl ${what}`, 'Restore it.');
      },
    });
    await expect(meter.reserve(request())).rejects.toMatchObject({
      ...{ code: told, kind: 'environment' },
      message: expect.stringContaining('nothing more is spent'),
    });
  });
});

describe('health', () => {
  test('failures count up until a success, and money comes back with one', async () => {
    const meter = meterOn(redis());
    await meter.report('a', { kind: 'failure' });
    const { before, after } = await meter.report('a', { kind: 'failure' });
    expect([before.consecutiveFailures, after.consecutiveFailures]).toEqual([1, 2]);
    await meter.report('a', { kind: 'money', waitMs: 1_000 });
    expect((await spent())?.health).toMatchObject({
      exhaustedAt: expect.any(Date),
      exhaustedUntil: expect.any(Date),
    });
    const one = request();
    await meter.reserve(one);
    await meter.settle(one.reservationId, { usd: 0, tokens: 0, healthy: 'call' });
    const health = (await spent())?.health;
    expect(health).toEqual({
      consecutiveFailures: 0,
      lastSuccessAt: expect.any(Date),
      lastFailureAt: expect.any(Date),
    });
  });

  test('of three who ask at once whether to tell something, one is to tell it', async () => {
    const meter = meterOn(redis());
    expect(await Promise.all([1, 2, 3].map(() => meter.once('k', 60_000)))).toEqual([true, false, false]);
  });
});
