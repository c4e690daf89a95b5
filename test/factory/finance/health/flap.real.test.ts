import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { provider } from '../fixtures.ts';
import { anthropic, openai } from '../house.ts';
import { FAILINGS, http } from './failings.ts';

import { realCalls, reply, useFlappingHouse } from './flapping-house.ts';

const { ask, failing, folder, house, model: startModel, project, until } = useFlappingHouse();

/** An adapter with a time limit of its own, which calls of work never meet. */
const GIVES_UP = `export default () => ({
  complete: async ({ messages }) => messages[0].text.startsWith('Reply with')
    ? { ok: true, message: { role: 'assistant', parts: [{ type: 'text', text: 'ok' }] }, usage: { input: 9, output: 1 }, stop: 'end' }
    : { ok: false, kind: 'aborted', message: 'No word within 30 s.' },
});`;

describe('A90 endless-flap: a failure that repeats on every real call while probes are answered', () => {
  test.each(FAILINGS)(
    '%s ends after a few calls, with the words of the provider',
    async (_what, fault, { billed, money = false, calls = 8 }) => {
      const model = await failing(fault);
      await house().setProviders(openai('a', model.url));
      const id = await project();
      const outcome = await until(id);
      expect(outcome).toMatchObject({
        kind: 'refused',
        squeezed: true,
        detail: expect.stringContaining('Provider a'),
      });
      if (!billed) expect(outcome).toMatchObject({ detail: expect.stringContaining('Frobnication') });
      expect(realCalls(model)).toBeLessThanOrEqual(calls);
      const { setbacks } = await house().state.finance(id).get();
      const booked = (await house().state.costs(id).readAll()).reduce((sum, { cost }) => sum + cost, 0);
      expect(setbacks).toMatchObject([{ provider: 'a', squeezed: true }]);
      expect(setbacks[0]?.cost).toBeCloseTo(booked, 9);
      expect(booked > 0).toBe(billed);
      expect(house().events.filter(({ type }) => type === 'provider.failing').length).toBeLessThanOrEqual(1);
      // That there is money again a probe shows; that a provider which failed answers again only a real call.
      const recovered = house().events.filter(({ type }) => type === 'provider.recovered');
      expect(recovered.length).toBeLessThanOrEqual(money ? 5 : 0);
      // Nothing goes on until somebody says so.
      const before = model.requests.length;
      expect(await ask(id)).toMatchObject({ kind: 'refused', squeezed: true });
      expect(model.requests).toHaveLength(before);
    },
  );

  test.each(FAILINGS)('%s leads to another provider, which keeps the project', async (_what, fault) => {
    const model = await failing(fault);
    const other = await startModel({ script: () => reply });
    await house().setProviders(
      openai('a', model.url, { priority: 1 }),
      anthropic('b', other.url, { priority: 2 }),
    );
    const id = await project();
    for (let call = 0; call < 4; call += 1) {
      expect(await ask(id)).toMatchObject({ kind: 'reply', provider: { id: 'b' } });
    }
    expect(realCalls(model)).toBeLessThanOrEqual(3);
  });

  test('what fails for long conversations alone is over when the conversation is short', async () => {
    const model = await failing(http(500, '{"error":{"message":"out of memory"}}'));
    await house().setProviders(openai('a', model.url));
    const id = await project();
    for (let round = 0; ; round += 1) {
      const outcome = await ask(id);
      if (outcome.kind === 'no_provider') await house().finance.probeProvider('a');
      else if (outcome.kind === 'refused') break;
      expect(round).toBeLessThan(12);
    }
    await house().finance.squeezed(id);
    for (let round = 0; ; round += 1) {
      const outcome = await ask(id, 'short again');
      if (outcome.kind === 'reply') break;
      await house().finance.probeProvider('a');
      expect(round).toBeLessThan(3);
    }
    expect((await house().state.finance(id).get()).setbacks).toEqual([]);
    expect((await house().meter.live(['a'])).get('a')?.health).toMatchObject({ consecutiveFailures: 0 });
  });

  test('an outage of long calls alone that is over is found out by one call an hour, without its owner', async () => {
    const model = await failing(http(500, '{"error":{"message":"no"}}'));
    await house().setProviders(openai('a', model.url));
    const id = await project();
    const anHourLater = () =>
      house()
        .state.finance(id)
        .update((current) => ({
          ...current,
          setbacks: current.setbacks.map((each) => ({
            ...each,
            at: new Date(each.at.getTime() - 3_600_000),
          })),
        }));
    expect(await until(id)).toMatchObject({ kind: 'refused', until: expect.any(Date) });
    for (let hour = 0; hour < 3; hour += 1) {
      const before = realCalls(model);
      await anHourLater();
      const outcome = await until(id);
      expect(outcome).toMatchObject({ kind: 'refused', squeezed: true, until: expect.any(Date) });
      expect(realCalls(model)).toBe(before + 1);
    }
    await anHourLater();
    expect(await until(id, 'short, for it is over')).toMatchObject({ kind: 'reply' });
    expect((await house().state.finance(id).get()).setbacks).toEqual([]);
  });

  test('a probe lets one call of many try; the others wait for what becomes of it', async () => {
    const model = await failing(http(500, '{"error":{"message":"no"}}'));
    await house().setProviders(openai('a', model.url));
    const ids = await Promise.all(Array.from({ length: 6 }, project));
    expect(await ask(ids[0] ?? '')).toMatchObject({ kind: 'no_provider', for: 'provider' });
    await house().finance.probeProvider('a');
    const before = realCalls(model);
    const outcomes = await Promise.all(ids.map((id) => ask(id)));
    expect(realCalls(model)).toBe(before + 1);
    expect(outcomes.filter(({ kind }) => kind === 'wait' || kind === 'no_provider')).toHaveLength(6);
  });

  test('a provider that is only away is waited for, however often it comes and goes', async () => {
    const model = await failing(http(503, '{"error":{"message":"overloaded"}}'));
    await house().setProviders(openai('a', model.url));
    const id = await project();
    for (let round = 0; round < 8; round += 1) {
      expect(['no_provider', 'wait']).toContain((await ask(id)).kind);
      await house().finance.probeProvider('a');
    }
    expect((await house().state.finance(id).get()).setbacks).toMatchObject([{ rounds: 0, cost: 0 }]);
  });

  test('a probe sends the tools of the work, a stream and its limits', async () => {
    const model = await failing(http(500, 'no'));
    await house().setProviders(openai('a', model.url));
    await project();
    await house().finance.probeProvider('a');
    const body = model.requests[0]?.body;
    expect(body).toMatchObject({ stream: true, stream_options: { include_usage: true } });
    expect(JSON.stringify(body)).toContain('"propose_decision"');
  });

  test("an owner's adapter that gives up by itself fails like a provider that is out, and is no call that was cut", async () => {
    const file = join(folder(), 'gives-up.mjs');
    await writeFile(file, GIVES_UP);
    const prices = { input: 1, output: 2 };
    await house().setProviders(provider('a', { name: 'custom', adapter: file, prices }));
    const id = await project();
    expect(await until(id)).toMatchObject({
      kind: 'refused',
      detail: expect.stringContaining('No word within 30 s'),
    });
    const rows = await house().state.costs(id).readAll();
    expect(rows.length).toBeLessThanOrEqual(8);
    expect(rows.every(({ possible }) => possible)).toBe(true);
    // Its failures were reported: a pause and a probe came between them.
    expect(house().events.map(({ type }) => type)).toContain('provider.failing');
  });
});

test('going back to the preferred provider is told as that, and failed calls are counted', async () => {
  const model = await failing(http(503, '{"error":{"message":"overloaded"}}'));
  const other = await startModel({ script: () => reply });
  await house().setProviders(
    openai('a', model.url, { priority: 1 }),
    anthropic('b', other.url, { priority: 2 }),
  );
  const id = await project();
  expect(await ask(id, 'short')).toMatchObject({ kind: 'reply', provider: { id: 'a' } });
  expect(await ask(id)).toMatchObject({ kind: 'reply', provider: { id: 'b' } });
  await house()
    .state.finance(id)
    .update((current) => ({
      ...current,
      providerSwitches: current.providerSwitches.map((each) => ({ ...each, timestamp: new Date(0) })),
    }));
  await house().finance.probeProvider('a');
  expect(await ask(id, 'short')).toMatchObject({ kind: 'reply', provider: { id: 'a' } });
  const told = house()
    .events.filter(({ type }) => type === 'provider.switched')
    .map(({ message }) => message);
  expect(told).toEqual([
    expect.stringContaining('from provider a to b: api error'),
    expect.stringContaining('back from provider b to a, which is preferred'),
  ]);
  await house().finance.noteProbe([id]);
  expect(await house().state.finance(id).get()).toMatchObject({
    failedCalls: { 'a outage': 3 },
    lastProbeAt: expect.any(Date),
    setbacks: [],
  });
});
