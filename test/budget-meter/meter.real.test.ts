import { describe, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { meterOn, PREFIX, provider, request } from './meter-fixtures.ts';

import { useMeterRedis } from './meter-house.ts';

const { redis, racer } = useMeterRedis();
const spent = async (id = 'a') => (await meterOn(redis()).live([id])).get(id);

describe('money', () => {
  test('A22 budget-race: eight processes with $1.00 and $0.10 calls are granted exactly ten', async () => {
    await meterOn(redis()).live(['a']);
    const all = await Promise.all(Array.from({ length: 8 }, () => racer({ mode: 'race' }).ended()));
    expect(all.flat().filter((line) => line['granted'])).toHaveLength(10);
    expect(await spent()).toMatchObject({ spentUsd: 1, reservedUsd: 0 });
  });

  test('a refused reservation consumes neither money nor a place in the minute', async () => {
    const meter = meterOn(redis());
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
    const answer = await meterOn(redis()).reserve(request({ usd: 5, minimumUsd: 0.1, projectBudget: 0.7 }));
    expect(answer).toEqual({ granted: true, usd: 0.7, heldUsd: 0.7 });
  });

  test('money held by others only asks for patience, money spent does not come back', async () => {
    const meter = meterOn(redis());
    const first = request({ projectBudget: 0.15 });
    await meter.reserve(first);
    const held = await meter.reserve(request({ projectBudget: 0.15 }));
    expect(held).toMatchObject({ granted: false, limit: 'project_budget', retryAt: expect.any(Date) });
    expect(held, 'what open calls hold may come back').toHaveProperty('leftUsd', 0.15);
    await meter.settle(first.reservationId, { usd: 0.1, tokens: 1 });
    expect(await meter.reserve(request({ projectBudget: 0.15 }))).toEqual({
      granted: false,
      limit: 'project_budget',
      leftUsd: 0.05,
    });
    expect(await meter.reserve(request({ projectBudget: 0.2 }))).toMatchObject({ granted: true });
  });

  test('settling twice counts once, and gives back what was reserved too much', async () => {
    const meter = meterOn(redis());
    const one = request({ usd: 1 });
    await meter.reserve(one);
    await meter.settle(one.reservationId, { usd: 0.25, tokens: 3, account: account(one) });
    const totals = await meter.settle(one.reservationId, { usd: 0.25, tokens: 3, account: account(one) });
    expect(totals).toEqual({ projectSpent: 0.25, projectPossible: 0, lastHour: 0.25, lastDay: 0.25 });
    expect(await spent()).toMatchObject({ spentUsd: 0.25, reservedUsd: 0, tokensThisMinute: 3 });
  });

  test('a bill above the worst case raises every reservation, the open ones too', async () => {
    const meter = meterOn(redis());
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
    const meter = meterOn(redis());
    const one = request();
    expect(await meter.reserve(one)).toEqual(await meter.reserve(one));
    expect(await spent()).toMatchObject({ reservedUsd: 0.1, requestsThisMinute: 1 });
  });

  test('A01 worker-kill-llm: money of a worker killed between reserve and settle ends as spent, possibly', async () => {
    await meterOn(redis()).live(['a']);
    const worker = racer({ mode: 'hold' });
    await until(() => worker.lines.some((line) => line['reserved']), 20_000, 'the reservation');
    worker.kill();
    await worker.ended();
    await until(async () => (await spent())?.reservedUsd === 0, 5_000, 'the reservation expires');
    expect(await spent()).toMatchObject({ spentUsd: 0.1 });
    const known = await meterOn(redis()).settle('held', { usd: 0.03, tokens: 5 });
    expect(known).toEqual({ projectSpent: 0.03, projectPossible: 0, lastHour: 0.03, lastDay: 0.03 });
  });

  test('the budget of a day holds over all projects, and says when it frees up', async () => {
    const meter = meterOn(redis(), { windows: { minute: 1_000, hour: 30_000, day: 1_440 } });
    const one = request({ budgetPerDay: 0.1 });
    await meter.reserve(one);
    await meter.settle(one.reservationId, { usd: 0.1, tokens: 1 });
    const other = request({ budgetPerDay: 0.1, projectId: 'other' });
    expect(await meter.reserve(other)).toMatchObject({ limit: 'day_budget', retryAt: expect.any(Date) });
    await until(async () => (await meter.reserve(other)).granted, 5_000, 'the window moves on');
  });

  test('a cap over all projects that is smaller than the call has room for it at no time', async () => {
    const meter = meterOn(redis());
    for (const [limit, cap] of [
      ['hour_budget', { budgetPerHour: 2 }],
      ['day_budget', { budgetPerDay: 2 }],
    ] as const) {
      const refusal = { granted: false, limit };
      expect(await meter.reserve(request({ usd: 4, minimumUsd: 3, ...cap }))).toEqual(refusal);
      expect(await meter.reserve(request({ usd: 4, minimumUsd: 1.5, ...cap }))).toMatchObject({ usd: 2 });
      expect(await meter.reserve(request({ usd: 4, minimumUsd: 3, ...cap }))).toEqual(refusal);
      expect(await meter.reserve(request({ usd: 1, minimumUsd: 1, ...cap }))).toMatchObject({
        ...{ ...refusal, retryAt: expect.any(Date) },
      });
      await redis().flushall();
    }
  });

  test('A184 a bill far above its reservation raises those of others for an hour, also where nobody can pay for that', async () => {
    const meter = meterOn(redis());
    const dear = request();
    await meter.reserve(dear);
    await meter.settle(dear.reservationId, { usd: 31, tokens: 1 });
    const other = () => request({ projectId: 'other', projectBudget: 10 });
    const refusal = { granted: false, limit: 'project_budget', retryAt: expect.any(Date) };
    expect(await meter.reserve(other())).toMatchObject(refusal);
    const poor = await meter.reserve(request({ projectId: 'other', projectBudget: 0.05 }));
    expect(poor).toEqual({ granted: false, limit: 'project_budget', leftUsd: 0.05 });
    // This one has spent all but what is left below its next call, so it is over for it.
    expect(await meter.reserve(request({ projectBudget: 40 }))).toEqual({
      granted: false,
      limit: 'project_budget',
      leftUsd: 9,
    });
    await redis().hset(`${PREFIX}:meter:money`, 'overat:p:a', String(Date.now() - 3_000_000));
    expect(await meter.reserve(other())).toMatchObject({ granted: false });
    await redis().hset(`${PREFIX}:meter:money`, 'overat:p:a', String(Date.now() - 3_600_001));
    expect(await meter.reserve(other())).toMatchObject({ granted: true });
  });

  test('a call that costs nothing passes an empty budget', async () => {
    const free = request({ usd: 0, minimumUsd: 0, projectBudget: 0 });
    expect(await meterOn(redis()).reserve(free)).toEqual({ granted: true, usd: 0, heldUsd: 0 });
  });
});

const account = (one: ReturnType<typeof request>) => ({
  providerId: one.provider.id,
  projectId: one.projectId,
});

describe('rates', () => {
  test('A33 limiter-shared: three processes never exceed 60 requests in any minute (scaled to 1.5 s)', async () => {
    await meterOn(redis()).live(['a']);
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
    const meter = meterOn(redis());
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
    const meter = meterOn(redis());
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
    expect(await meterOn(redis()).reserve(big)).toMatchObject({ granted: true });
  });

  test('requests of a day are counted over all projects, failed ones too', async () => {
    const meter = meterOn(redis());
    const daily = provider({ rateLimit: { requestsPerDay: 1 } });
    const one = request({ provider: daily });
    const asked = Date.now();
    await meter.reserve(one);
    await meter.release(one.reservationId);
    const answer = await meter.reserve(request({ provider: daily, projectId: 'other' }));
    if (answer.granted || answer.retryAt === undefined) throw new Error('must wait');
    expect(answer.retryAt.getTime()).toBeGreaterThanOrEqual(asked + 86_400_000);
  });

  test('a provider that limits again and again is left alone for longer, whatever it names and however its probes go', async () => {
    const meter = meterOn(redis());
    const limited = async () => {
      const { after } = await meter.report('a', { kind: 'rate', waitMs: 0 });
      return Number(after.blockedUntil) - Number(after.lastFailureAt);
    };
    const waits: number[] = [];
    for (let round = 0; round < 6; round += 1) {
      waits.push(await limited());
      const where = { providerId: 'a', projectId: 'probes' };
      await meter.settle(`probe-${round}`, { usd: 0, tokens: 1, account: where, healthy: 'probe' });
    }
    expect(waits).toEqual([0, 0, 0, 40_000, 60_000, 60_000]);
    await meter.report('a', { kind: 'success' });
    expect(await limited()).toBe(0);
  });

  test('A18 provider-429: nobody is granted before the moment the provider named', async () => {
    const meter = meterOn(redis());
    const asked = Date.now();
    await meter.report('a', { kind: 'rate', waitMs: 30_000 });
    const answer = await meter.reserve(request());
    if (answer.granted || answer.retryAt === undefined) throw new Error('must wait');
    expect(answer.retryAt.getTime()).toBeGreaterThanOrEqual(asked + 30_000);
  });

  test('a pause that the provider asked for before the clock was set back does not last as much longer', async () => {
    const meter = meterOn(redis());
    await meter.report('a', { kind: 'rate', waitMs: 30_000 });
    const later = Date.now() + 3_600_000;
    await redis().hset(`${PREFIX}:meter:h:a`, { until: later + 30_000, fail: later });
    expect((await spent())?.health?.blockedUntil).toBeUndefined();
    const one = request();
    expect(await meter.reserve(one)).toMatchObject({ granted: true });
    // Nor does its failure count as newer than what it answers from now on.
    await meter.settle(one.reservationId, { usd: 0, tokens: 0, healthy: 'call' });
    const { lastSuccessAt, lastFailureAt } = (await spent())?.health ?? {};
    expect(Number(lastSuccessAt)).toBeGreaterThan(Number(lastFailureAt));
  });

  test('requests that a clock set back left in the future count for one more minute, not longer', async () => {
    const meter = meterOn(redis(), { windows: { minute: 400, hour: 3.6e6, day: 8.64e7 } });
    const one = provider({ rateLimit: { requestsPerMinute: 1 } });
    await meter.reserve(request({ provider: one }));
    for (const id of await redis().zrange(`${PREFIX}:meter:q:a`, '0', '-1')) {
      await redis().zadd(`${PREFIX}:meter:q:a`, Date.now() + 3_600_000, id);
    }
    expect(await meter.reserve(request({ provider: one }))).toMatchObject({ granted: false });
    await until(async () => (await meter.reserve(request({ provider: one }))).granted, 5_000, 'room again');
  });
});
