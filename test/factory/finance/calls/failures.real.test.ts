import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { summariseCosts } from '../../../../src/factory/finance/books/costs.ts';
import { anthropic, openai, paidCall } from '../house.ts';

import { always, model, useHouse } from './manager-house.ts';

const { folder, house, project, complete, costs, events } = useHouse();
afterEach(() => expect(house().problems).toEqual([]));

describe('failures', () => {
  test('A19 provider-5xx-flap: two errors and an answer are one cost, and the failures are forgotten', async () => {
    const llm = await model({
      faults: [
        { fault: { fault: 'overloaded' }, requests: [0] },
        { fault: { fault: 'server_error' }, requests: [1] },
      ],
    });
    await house().setProviders(openai('a', llm.url));
    const id = await project();
    const { call, notes } = paidCall(id);
    expect(await house().finance.complete(call)).toMatchObject({ kind: 'reply' });
    expect(notes.filter(({ note }) => note === 'failed')).toHaveLength(2);
    expect((await costs(id)).entries).toHaveLength(1);
    expect((await house().meter.live(['a'])).get('a')?.health).toMatchObject({ consecutiveFailures: 0 });
    // The audit log has each failure and each new try, with whose they were.
    const asked = { persona: 'engineer', step: 1, projectId: id, data: { provider: 'a' } };
    expect(events('request.failed')).toMatchObject([asked, asked]);
    expect(events('request.retried')).toMatchObject([asked, asked]);
  });

  test('an outage of the only provider ends in probes after three tries, and a probe brings it back', async () => {
    const llm = await model({ faults: always({ fault: 'server_error' }, 3) });
    await house().setProviders(openai('a', llm.url));
    const id = await project();
    expect(await complete(id)).toMatchObject({ kind: 'no_provider', until: expect.any(Date) });
    expect(llm.requests).toHaveLength(3);
    expect((await house().state.providers().get()).providers[0]).toMatchObject({ consecutiveFailures: 3 });
    expect(await complete(id)).toMatchObject({ kind: 'no_provider' });
    expect(llm.requests).toHaveLength(3);
    expect(await house().finance.probeProvider('a')).toMatchObject({ healthy: true });
    expect(await complete(id)).toMatchObject({ kind: 'reply' });
    expect(events('provider.failing')).toHaveLength(1);
    expect(events('provider.recovered')).toHaveLength(1);
  });

  test('A18 provider-429: with Retry-After 30 the step is parked for 30 s and nobody calls meanwhile', async () => {
    const llm = await model({ faults: always({ fault: 'rate_limit', retryAfter: 30 }, 1) });
    await house().setProviders(openai('a', llm.url));
    const asked = Date.now();
    const outcome = await complete(await project());
    if (outcome.kind !== 'wait') throw new Error(outcome.kind);
    expect(outcome.for).toBe('rate');
    expect(outcome.until.getTime()).toBeGreaterThanOrEqual(asked + 30_000);
    expect(await complete(await project())).toMatchObject({ kind: 'wait', for: 'rate' });
    expect(llm.requests).toHaveLength(1);
  });

  test('a short Retry-After is waited out within the call', async () => {
    const llm = await model({ faults: always({ fault: 'rate_limit', retryAfter: 1 }, 1) });
    await house().setProviders(openai('a', llm.url));
    expect(await complete(await project())).toMatchObject({ kind: 'reply' });
    expect(llm.requests).toHaveLength(2);
  });

  test('A21 credits-out: the other vendor takes over, then none is left, then a probe finds the money back', async () => {
    const first = await model({ credits: { 'key-a': 0.15 } });
    const second = await model({ credits: { 'key-b': 0.15 } });
    await house().setProviders(
      openai('a', first.url, { priority: 1 }),
      anthropic('b', second.url, { priority: 2 }),
    );
    const id = await project();
    expect(await complete(id)).toMatchObject({ kind: 'reply', provider: { id: 'a' } });
    expect(await complete(id)).toMatchObject({ kind: 'reply', provider: { id: 'b' } });
    expect(await complete(id)).toMatchObject({ kind: 'no_provider' });
    const state = await house().state.finance(id).get();
    expect(state.pollingMode).toBe(true);
    expect(state.providerSwitches).toMatchObject([
      { fromProvider: 'a', toProvider: 'b', reason: 'credits_exhausted' },
    ]);
    expect(events('provider.exhausted')).toHaveLength(2);
    expect(await house().finance.probeProvider('b')).toMatchObject({ healthy: false });
    second.topUp('key-b', 1);
    expect(await house().finance.probeProvider('b')).toMatchObject({ healthy: true });
    expect(await complete(id)).toMatchObject({ kind: 'reply', provider: { id: 'b' } });
    expect((await house().state.finance(id).get()).pollingMode).toBe(false);
    const probes = summariseCosts('factory', await house().logs.costs.readAll());
    expect(new Set(probes.entries.map(({ operation }) => operation))).toEqual(new Set(['noop_probe']));
    const booked = (await costs(id)).totalSpent + probes.totalSpent;
    expect(booked).toBeCloseTo(first.billed() + second.billed(), 9);
  });

  test('a refused key switches the provider off, tells why, and a new key is taken up at the next call', async () => {
    const llm = await model({ keys: ['key-b'] });
    await house().setProviders(openai('a', llm.url));
    const id = await project();
    expect(await complete(id)).toMatchObject({ kind: 'no_provider' });
    const [off] = (await house().state.providers().get()).providers;
    expect(off).toMatchObject({ enabled: false, disabledReason: expect.any(String) });
    expect(events('provider.disabled')).toHaveLength(1);
    await house().setProviders(openai('a', llm.url, { apiKey: await house().vault.seal('a', 'key-b') }));
    expect(await complete(id)).toMatchObject({ kind: 'reply' });
  });

  test('a key that cannot be opened here is named once and the next provider is taken', async () => {
    const llm = await model();
    await house().setProviders(
      openai('a', llm.url, { apiKey: 'env:NOT_SET', priority: 1 }),
      anthropic('b', llm.url, { priority: 2 }),
    );
    const id = await project();
    expect(await complete(id)).toMatchObject({ kind: 'reply', provider: { id: 'b' } });
    expect(await complete(await project())).toMatchObject({ kind: 'reply', provider: { id: 'b' } });
    expect(events('provider.key_unusable')).toHaveLength(1);
  });

  test('a probe that a limit of our own keeps back asks nobody, and says when it may', async () => {
    const llm = await model();
    await house().setProviders(openai('a', llm.url, { rateLimit: { requestsPerMinute: 1 } }));
    expect(await complete(await project())).toMatchObject({ kind: 'reply' });
    const started = Date.now();
    const answer = await house().finance.probeProvider('a');
    expect(answer).toMatchObject({ healthy: false, unasked: true, cost: 0 });
    expect(answer.notBefore?.getTime()).toBeGreaterThan(started);
    expect(llm.requests).toHaveLength(1);
  });

  test('a probe that may have been billed though it failed tells its cost, and to wait before another', async () => {
    const llm = await model({ faults: always({ fault: 'cut' }) });
    await house().setProviders(openai('a', llm.url));
    await project();
    const started = Date.now();
    const answer = await house().finance.probeProvider('a');
    expect(answer).toMatchObject({ healthy: false, cost: expect.any(Number) });
    expect(answer.cost).toBeGreaterThan(0);
    expect(answer.notBefore?.getTime()).toBeGreaterThan(started);
  });

  test('A20 stream-cut: a reply cut in the middle is booked, as possible where nobody knows what it cost', async () => {
    const llm = await model({ faults: always({ fault: 'cut' }, 1) });
    await house().setProviders(openai('a', llm.url));
    const id = await project();
    expect(await complete(id)).toMatchObject({ kind: 'reply' });
    const summary = await costs(id);
    expect(summary.entries).toHaveLength(2);
    expect(summary.possibleSpent).toBeGreaterThan(0);
    expect(summary.totalSpent).toBeCloseTo(0.1, 9);
  });

  test('a conversation too long for its provider goes to one with room, else back to be made smaller', async () => {
    const llm = await model({ faults: [{ fault: { fault: 'context_length' }, model: 'small' }] });
    await house().setProviders(
      openai('a', llm.url, { model: 'small', priority: 1 }),
      openai('b', llm.url, { model: 'large', priority: 2 }),
    );
    expect(await complete(await project())).toMatchObject({ kind: 'reply', provider: { id: 'b' } });
    await house().setProviders(openai('a', llm.url, { model: 'small' }));
    expect(await complete(await project())).toMatchObject({ kind: 'context' });
  });

  test('a history that is refused is sent once more in plain form, then handed back', async () => {
    const llm = await model({ faults: always({ fault: 'malformed_history' }) });
    await house().setProviders(openai('a', llm.url));
    const id = await project();
    expect(await complete(id)).toMatchObject({ kind: 'refused' });
    expect((await costs(id)).entries).toHaveLength(0);
  });

  test('an aborted call ends as aborted, and what it may have cost is booked', async () => {
    const cut = new AbortController();
    const llm = await model({
      script: () => {
        cut.abort();
        return { text: 'too late', delayMs: 10_000 };
      },
    });
    await house().setProviders(openai('a', llm.url));
    const id = await project();
    expect(await complete(id, { signal: cut.signal })).toEqual({ kind: 'aborted' });
    expect((await costs(id)).possibleSpent).toBeGreaterThan(0);
    expect((await house().meter.live(['a'])).get('a')?.reservedUsd).toBe(0);
  });

  test('providers.yaml edited into nonsense makes projects wait with its name, and the ledger stays', async () => {
    const llm = await model();
    await house().setProviders(openai('a', llm.url));
    const id = await project();
    await complete(id);
    await writeFile(join(folder(), 'providers.yaml'), 'providers: [ {{{\n');
    expect(await complete(id)).toMatchObject({
      kind: 'wait',
      detail: expect.stringContaining('providers.yaml'),
    });
    expect((await costs(id)).entries).toHaveLength(1);
  });
});
