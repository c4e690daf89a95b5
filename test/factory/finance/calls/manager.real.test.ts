import { afterEach, describe, expect, test } from 'vitest';
import { LeaseLost, type PaidCall } from '../../../../src/factory/ports.ts';
import { addProject } from '../../../state/samples.ts';
import { modelForTest } from '../../../support/model.ts';
import { anthropic, openai, paidCall } from '../house.ts';

import { cached, model, useHouse } from './manager-house.ts';

const { again, house, project, complete, costs, events } = useHouse();
afterEach(() => expect(house().problems).toEqual([]));

describe('a call that is answered', () => {
  test('is reserved, noted, booked once at what the provider billed, and settled', async () => {
    const llm = await model();
    await house().setProviders(openai('a', llm.url));
    const id = await project();
    const { call, notes } = paidCall(id);
    const outcome = await house().finance.complete(call);
    expect(outcome).toMatchObject({ kind: 'reply', provider: { id: 'a' }, reply: { stop: 'end' } });
    expect(notes.map(({ note }) => note)).toEqual(['opened', 'replied']);
    expect(notes[0]?.reserved).toBeGreaterThan(0.002);
    const summary = await costs(id);
    expect(summary.entries).toHaveLength(1);
    expect(summary.totalSpent).toBeCloseTo(llm.billed(), 9);
    expect(summary.entries[0]).toMatchObject({
      persona: 'engineer',
      step: 1,
      operation: 'chat',
      possible: false,
    });
    expect((await house().meter.live(['a'])).get('a')).toMatchObject({ spentUsd: 0.1, reservedUsd: 0 });
    await house().finance.close();
    expect(await house().state.finance(id).get()).toMatchObject({
      currentProviderId: 'a',
      totalSpent: 0.1,
      providerSwitches: [],
    });
  });

  test('keeps the prompt for an hour where a long pause is likely, sets that price aside, and makes no call dearer than the cap', async () => {
    const llm = await modelForTest({ script: () => ({ text: 'x' }), prices: { '*': cached } });
    await house().setProviders(anthropic('a', llm.url, { prices: cached }));
    const cache = { prompt: 12_000, fresh: 100, longPause: 0.2 };
    const request = {
      ...paidCall('').call.request,
      messages: [{ role: 'user' as const, text: 'word '.repeat(8_000) }],
    };
    const reserved = [];
    for (const [budget, over] of [
      [1, {}],
      [1, { cache }],
      [0.02, { cache }],
    ] as const) {
      const { call, notes } = paidCall(await project(budget), { request, ...over });
      expect((await house().finance.complete(call)).kind).toBe('reply');
      reserved.push(notes[0]?.reserved ?? 0);
    }
    expect(llm.requests.map(({ body }) => JSON.stringify(body).includes('"ttl":"1h"'))).toEqual([
      false,
      true,
      false,
    ]);
    const [short = 0, long = 0, capped = 0] = reserved;
    expect(long).toBeGreaterThan(short * 1.3);
    expect(capped).toBeLessThanOrEqual(0.02);
  });

  test('names a prompt cache of its project and persona, and no one else', async () => {
    const llm = await model();
    await house().setProviders(openai('a', llm.url));
    const [first, second] = [await project(), await project()];
    for (const [id, persona] of [
      [first, 'engineer'],
      [first, 'engineer'],
      [first, 'reviewer'],
      [second, 'engineer'],
    ] as const) {
      await complete(id, { persona });
    }
    const keys = llm.requests.map(({ body }) => (body as Record<string, unknown>).prompt_cache_key);
    expect(keys[1]).toBe(keys[0]);
    expect(new Set(keys).size).toBe(3);
    for (const key of keys) expect(key).toMatch(/^[\w-]{16,64}$/);
    expect(String(keys)).not.toContain(first);
  });

  test('that a worker taken for dead brings home is paid for, although it counts no more', async () => {
    const llm = await model();
    await house().setProviders(openai('a', llm.url));
    const id = await project();
    const replied = async () => {
      throw new LeaseLost('overtaken');
    };
    await expect(complete(id, { replied })).rejects.toBeInstanceOf(LeaseLost);
    expect((await costs(id)).totalSpent).toBeCloseTo(llm.billed(), 9);
  });

  test('is not sent when it cannot be noted', async () => {
    const llm = await model();
    await house().setProviders(openai('a', llm.url));
    const opened = async () => {
      throw new LeaseLost('overtaken');
    };
    await expect(complete(await project(), { opened })).rejects.toBeInstanceOf(LeaseLost);
    expect(llm.requests).toHaveLength(0);
    expect((await house().meter.live(['a'])).get('a')).toMatchObject({ spentUsd: 0, reservedUsd: 0 });
  });
});

describe('caps', () => {
  test('a budget that does not pay for another call pauses the project with its name', async () => {
    const llm = await model();
    await house().setProviders(openai('a', llm.url));
    const id = await project(0.1);
    expect(await complete(id)).toMatchObject({ kind: 'reply' });
    expect(await complete(id)).toMatchObject({ kind: 'budget', detail: expect.stringContaining('--budget') });
    expect(llm.requests).toHaveLength(1);
  });

  test('money for less than the wanted output lowers the output, and none below 256 tokens is asked for', async () => {
    const llm = await model({ script: () => ({ text: 'x', usage: { input: 1, output: 1 } }) });
    await house().setProviders(openai('a', llm.url));
    expect(await complete(await project(0.001))).toMatchObject({ kind: 'reply' });
    const body = llm.requests[0]?.body;
    const asked = Number(/"max_(?:completion_)?tokens":(\d+)/.exec(JSON.stringify(body))?.[1]);
    expect(asked).toBeGreaterThan(256);
    expect(asked).toBeLessThan(500);
    expect(await complete(await project(0.0005))).toMatchObject({ kind: 'budget' });
  });

  test('the factory-wide budget of an hour stops every project', async () => {
    const llm = await model();
    const capped = await again({ budgets: { perHour: 0.1 } });
    await capped.setProviders(openai('a', llm.url));
    expect(await capped.finance.complete(paidCall(await project()).call)).toMatchObject({ kind: 'reply' });
    const outcome = await capped.finance.complete(paidCall(await project()).call);
    expect(outcome).toMatchObject({ kind: 'budget', detail: expect.stringContaining('budgets.perHour') });
    await capped.close();
  });

  test('a budget of an hour that is smaller than the call asks for a smaller conversation, and says what the call costs', async () => {
    const llm = await model();
    const capped = await again({ budgets: { perHour: 0.05 } });
    await capped.setProviders(openai('a', llm.url));
    const messages = [{ role: 'user' as const, text: 'x'.repeat(400_000) }];
    const { call } = paidCall(await project());
    const outcome = await capped.finance.complete({ ...call, request: { ...call.request, messages } });
    expect(outcome).toMatchObject({ kind: 'context', detail: expect.stringContaining('at least $0.1') });
    expect(await capped.finance.complete(call)).toMatchObject({ kind: 'reply' });
    await capped.close();
  });

  test('half, most and nearly all of a budget are told once each', async () => {
    const llm = await model();
    await house().setProviders(openai('a', llm.url));
    const id = await project(0.41);
    for (let call = 0; call < 4; call += 1) expect(await complete(id)).toMatchObject({ kind: 'reply' });
    expect(events('budget.warning')).toMatchObject([50, 80, 95].map((percent) => ({ data: { percent } })));
  });

  test('a model without a known price is never called', async () => {
    const llm = await model();
    const { prices: _none, ...unpriced } = openai('a', llm.url);
    await house().setProviders({ ...unpriced, model: 'nobody-knows-it' });
    expect(await complete(await project())).toMatchObject({
      kind: 'no_provider',
      detail: expect.stringContaining('--price-in'),
    });
    expect(llm.requests).toHaveLength(0);
  });
});

test('a call goes only to providers that may work for its persona and project, and says which limits stand in the way where none may', async () => {
  const [dear, plain] = [await model(), await model()];
  await house().setProviders(
    openai('plain', plain.url, { personas: ['engineer'] }),
    openai('dear', dear.url, { personas: ['reviewer', 'factory-auditor'], projects: ['sample'] }),
  );
  const id = (await addProject(house().state, { name: 'sample' })).id;
  const other = (await addProject(house().state, { name: 'another' })).id;
  const by = async (project: string, persona: string, over: Partial<PaidCall> = {}) => {
    const outcome = await complete(project, { persona, ...over });
    return outcome.kind === 'reply' ? outcome.provider.id : outcome.kind;
  };
  expect(await by(id, 'engineer')).toBe('plain');
  expect(await by(id, 'reviewer')).toBe('dear');
  expect(await by(id, 'engineer')).toBe('plain');
  expect(await by(id, 'factory-auditor', { operation: 'audit', avoidProvider: 'dear' })).toBe('dear');
  expect(await by(other, 'reviewer')).toBe('not_permitted');
  expect(await complete(other, { persona: 'reviewer' })).toMatchObject({
    detail: expect.stringContaining('dear for reviewer, factory-auditor in projects sample'),
  });
  // The limits count at the next call.
  await house().setProviders(openai('plain', plain.url));
  expect(await by(other, 'reviewer')).toBe('plain');
});

test('A62 key-in-log: no key stands in an event, a ledger row or an outcome', async () => {
  const key = 'sk-secret-0123456789abcdef';
  const llm = await model({ keys: ['another'] });
  await house().setProviders(openai('a', llm.url, { apiKey: await house().vault.seal('a', key) }));
  const id = await project();
  const outcome = await complete(id);
  const all = JSON.stringify([
    outcome,
    house().events,
    await costs(id),
    await house().state.providers().get(),
  ]);
  expect(all).not.toContain(key);
  expect(all).not.toContain(key.slice(-8));
});
