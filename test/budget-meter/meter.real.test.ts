import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connect, type Redis } from '../../src/queues/redis/redis.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { meterOn, PREFIX, provider, request } from './meter-fixtures.ts';

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

const RACER = fileURLToPath(new URL('meter-racer.ts', import.meta.url));

/** Runs a racer; `lines` fills while it runs. */
function racer(orders: Record<string, unknown>) {
  const text = JSON.stringify({ socket: server.socket, ...orders });
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

const spent = async (id = 'a') => (await meterOn(redis).live([id])).get(id);

describe('money', () => {
  test('A22 budget-race: eight processes with $1.00 and $0.10 calls are granted exactly ten', async () => {
    await meterOn(redis).live(['a']);
    const all = await Promise.all(Array.from({ length: 8 }, () => racer({ mode: 'race' }).ended()));
    expect(all.flat().filter((line) => line['granted'])).toHaveLength(10);
    expect(await spent()).toMatchObject({ spentUsd: 1, reservedUsd: 0 });
  });

  test('a refused reservation consumes neither money nor a place in the minute', async () => {
    const meter = meterOn(redis);
    const poor = provider({ creditsAvailable: 0.05 });
    expect(await meter.reserve(request({ provider: poor }))).toEqual({ granted: false, limit: 'credits' });
    expect(await spent()).toMatchObject({
      spentUsd: 0,
      reservedUsd: 0,
      requestsThisMinute: 0,
      requestsToday: 0,
    });
  });

  test('what is left below the wish but above the minimum is granted as it is', async () => {
    const answer = await meterOn(redis).reserve(request({ usd: 5, minimumUsd: 0.1, projectBudget: 0.7 }));
    expect(answer).toEqual({ granted: true, usd: 0.7, heldUsd: 0.7 });
  });

  test('money held by others only asks for patience, money spent does not come back', async () => {
    const meter = meterOn(redis);
    const first = request({ projectBudget: 0.15 });
    await meter.reserve(first);
    const held = await meter.reserve(request({ projectBudget: 0.15 }));
    expect(held).toMatchObject({ granted: false, limit: 'project_budget', retryAt: expect.any(Date) });
    await meter.settle(first.reservationId, { usd: 0.1, tokens: 1 });
    expect(await meter.reserve(request({ projectBudget: 0.15 }))).toEqual({
      granted: false,
      limit: 'project_budget',
    });
    expect(await meter.reserve(request({ projectBudget: 0.2 }))).toMatchObject({ granted: true });
  });

  test('settling twice counts once, and gives back what was reserved too much', async () => {
    const meter = meterOn(redis);
    const one = request({ usd: 1 });
    await meter.reserve(one);
    await meter.settle(one.reservationId, { usd: 0.25, tokens: 3, account: account(one) });
    const totals = await meter.settle(one.reservationId, { usd: 0.25, tokens: 3, account: account(one) });
    expect(totals).toEqual({ projectSpent: 0.25, projectPossible: 0, lastHour: 0.25, lastDay: 0.25 });
    expect(await spent()).toMatchObject({ spentUsd: 0.25, reservedUsd: 0, tokensThisMinute: 3 });
  });

  test('a bill above the worst case raises every reservation, the open ones too', async () => {
    const meter = meterOn(redis);
    const account = provider({ creditsAvailable: 1 });
    const cheap = () => request({ provider: account, usd: 0.01, minimumUsd: 0.01 });
    const open = [cheap(), cheap(), cheap()];
    for (const each of open) await meter.reserve(each);
    await meter.settle(open[0]?.reservationId ?? '', { usd: 0.3, tokens: 1 });
    // $0.70 are left, and two open calls may cost $0.30 each: nothing is free for a third.
    expect(await meter.reserve(cheap())).toMatchObject({
      granted: false,
      limit: 'credits',
      retryAt: expect.any(Date),
    });
    await meter.settle(open[1]?.reservationId ?? '', { usd: 0.01, tokens: 1 });
    expect(await meter.reserve(cheap())).toMatchObject({ granted: true, usd: 0.01 });
  });

  test('a reservation that is asked for twice is one', async () => {
    const meter = meterOn(redis);
    const one = request();
    expect(await meter.reserve(one)).toEqual(await meter.reserve(one));
    expect(await spent()).toMatchObject({ reservedUsd: 0.1, requestsThisMinute: 1 });
  });

  test('A01 worker-kill-llm: money of a worker killed between reserve and settle ends as spent, possibly', async () => {
    await meterOn(redis).live(['a']);
    const worker = racer({ mode: 'hold' });
    await until(() => worker.lines.some((line) => line['reserved']), 20_000, 'the reservation');
    worker.kill();
    await worker.ended();
    await until(async () => (await spent())?.reservedUsd === 0, 5_000, 'the reservation expires');
    expect(await spent()).toMatchObject({ spentUsd: 0.1 });
    const known = await meterOn(redis).settle('held', { usd: 0.03, tokens: 5 });
    expect(known).toEqual({ projectSpent: 0.03, projectPossible: 0, lastHour: 0.03, lastDay: 0.03 });
  });

  test('the budget of a day holds over all projects, and says when it frees up', async () => {
    const meter = meterOn(redis, { windows: { minute: 1_000, hour: 30_000, day: 1_440 } });
    const one = request({ budgetPerDay: 0.1 });
    await meter.reserve(one);
    await meter.settle(one.reservationId, { usd: 0.1, tokens: 1 });
    const other = request({ budgetPerDay: 0.1, projectId: 'other' });
    expect(await meter.reserve(other)).toMatchObject({ limit: 'day_budget', retryAt: expect.any(Date) });
    await until(async () => (await meter.reserve(other)).granted, 5_000, 'the window moves on');
  });

  test('a call that costs nothing passes an empty budget', async () => {
    const free = request({ usd: 0, minimumUsd: 0, projectBudget: 0 });
    expect(await meterOn(redis).reserve(free)).toEqual({ granted: true, usd: 0, heldUsd: 0 });
  });
});

const account = (one: ReturnType<typeof request>) => ({
  providerId: one.provider.id,
  projectId: one.projectId,
});

describe('rates', () => {
  test('A33 limiter-shared: three processes never exceed 60 requests in any minute (scaled to 1.5 s)', async () => {
    await meterOn(redis).live(['a']);
    const orders = { mode: 'rate', minute: 2_000, rpm: 60, forMs: 7_000 };
    const all = await Promise.all([1, 2, 3].map(() => racer(orders).ended()));
    const times = all
      .flat()
      .map((line) => Number(line['at']))
      .filter((at) => at > 0)
      .sort((x, y) => x - y);
    const most = Math.max(
      ...times.map((at) => times.filter((other) => other >= at && other < at + 1_500).length),
    );
    // More than one minute's worth, or the limit was never met.
    expect(times.length).toBeGreaterThan(60);
    expect(most).toBeLessThanOrEqual(60);
  });

  test('those who wait are given one free place each', async () => {
    const meter = meterOn(redis);
    const two = provider({ rateLimit: { requestsPerMinute: 2 } });
    for (const projectId of ['x', 'y']) await meter.reserve(request({ provider: two, projectId }));
    const turns: number[] = [];
    for (const projectId of ['1', '2', '3', '4', '5']) {
      const answer = await meter.reserve(request({ provider: two, projectId }));
      if (answer.granted || answer.retryAt === undefined) throw new Error('must wait');
      turns.push(Math.round((answer.retryAt.getTime() - Date.now()) / 61_000));
    }
    expect(turns).toEqual([1, 1, 2, 2, 3]);
  });

  test('tokens count as reserved until the settlement says how many there were', async () => {
    const meter = meterOn(redis);
    const small = provider({ rateLimit: { tokensPerMinute: 1_000 } });
    const one = request({ provider: small, tokens: 900 });
    expect(await meter.reserve(one)).toMatchObject({ granted: true });
    const two = request({ provider: small, tokens: 200 });
    expect(await meter.reserve(two)).toMatchObject({ granted: false, limit: 'rate' });
    await meter.settle(one.reservationId, { usd: 0, tokens: 100 });
    expect(await meter.reserve(two)).toMatchObject({ granted: true });
  });

  test('a request larger than the whole minute goes alone instead of never', async () => {
    const small = provider({ rateLimit: { tokensPerMinute: 1_000 } });
    const big = request({ provider: small, tokens: 5_000 });
    expect(await meterOn(redis).reserve(big)).toMatchObject({ granted: true });
  });

  test('requests of a day are counted over all projects, failed ones too', async () => {
    const meter = meterOn(redis);
    const daily = provider({ rateLimit: { requestsPerDay: 1 } });
    const one = request({ provider: daily });
    const asked = Date.now();
    await meter.reserve(one);
    await meter.release(one.reservationId);
    const answer = await meter.reserve(request({ provider: daily, projectId: 'other' }));
    if (answer.granted || answer.retryAt === undefined) throw new Error('must wait');
    expect(answer.retryAt.getTime()).toBeGreaterThanOrEqual(asked + 86_400_000);
  });

  test('A18 provider-429: nobody is granted before the moment the provider named', async () => {
    const meter = meterOn(redis);
    const asked = Date.now();
    await meter.report('a', { kind: 'rate', waitMs: 30_000 });
    const answer = await meter.reserve(request());
    if (answer.granted || answer.retryAt === undefined) throw new Error('must wait');
    expect(answer.retryAt.getTime()).toBeGreaterThanOrEqual(asked + 30_000);
  });

  test('requests that a clock set back left in the future count for one more minute, not longer', async () => {
    const meter = meterOn(redis, { windows: { minute: 400, hour: 3.6e6, day: 8.64e7 } });
    const one = provider({ rateLimit: { requestsPerMinute: 1 } });
    await meter.reserve(request({ provider: one }));
    for (const id of await redis.zrange(`${PREFIX}:meter:q:a`, '0', '-1')) {
      await redis.zadd(`${PREFIX}:meter:q:a`, Date.now() + 3_600_000, id);
    }
    expect(await meter.reserve(request({ provider: one }))).toMatchObject({ granted: false });
    await until(async () => (await meter.reserve(request({ provider: one }))).granted, 5_000, 'room again');
  });
});

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
    const meter = meterOn(redis, { facts: async (visit) => visit.spent({ ...seen, at: new Date() }) });
    const where = { providerId: 'a', projectId: 'p' };
    await meter.settle('seen', { usd: 0.2, tokens: 1, account: where });
    const totals = await meter.settle('unseen', { usd: 0.3, tokens: 1, account: where });
    expect(totals.projectSpent).toBeCloseTo(0.5);
  });

  test('requests that are open in a journal hold their money after a flush', async () => {
    const meter = meterOn(redis, {
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

  test('a ledger that cannot be read lets nobody spend', async () => {
    const { DarkFactoryError } = await import('../../src/lib/failure.ts');
    const meter = meterOn(redis, {
      facts: async () => {
        throw new DarkFactoryError('environment', 'state_unreadable', 'costs.jsonl is torn', 'Restore it.');
      },
    });
    await expect(meter.reserve(request())).rejects.toMatchObject({
      code: 'ledger_unreadable',
      kind: 'environment',
    });
  });
});

describe('health', () => {
  test('failures count up until a success, and money comes back with one', async () => {
    const meter = meterOn(redis);
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

  test('once is once', async () => {
    const meter = meterOn(redis);
    expect(await Promise.all([1, 2, 3].map(() => meter.once('k', 60_000)))).toEqual([true, false, false]);
  });
});
