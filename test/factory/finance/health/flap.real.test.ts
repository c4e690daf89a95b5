import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { freshStart } from '../../../../src/factory/finance/books/fresh-start.ts';
import type { PaidOutcome } from '../../../../src/factory/ports.ts';
import { addProject } from '../../../state/samples.ts';
import { type ScriptedModel, startScriptedModel } from '../../../support/model-server/index.ts';
import { startRedis, type TestRedis } from '../../../support/redis.ts';
import { FAILINGS, type Failing, http } from './failings.ts';
import { anthropic, type House, openai, openHouse, paidCall } from '../house.ts';

/** A real call of work is long; a probe is short, and only what is short is answered. */
const LONG = 'word '.repeat(400);
const isProbe = (text: string) => text.startsWith('Reply with');
const reply = { text: 'ok', usage: { input: 1_000, output: 10 } };

let server: TestRedis;
let folder: string;
let house: House;
const models: ScriptedModel[] = [];

beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'df-flap-'));
  house = await openHouse({ socket: server.socket, folder, pauses: 0.01 });
  await house.redis.flushall();
});
afterEach(async () => {
  await house.close();
  for (const model of models.splice(0)) await model.close();
  await rm(folder, { recursive: true, force: true });
});

async function failing(fault: Failing): Promise<ScriptedModel> {
  const model = await startScriptedModel({
    script: ({ lastUser }) => (isProbe(lastUser) ? reply : lastUser.startsWith('short') ? reply : fault),
    strict: false,
  });
  models.push(model);
  return model;
}

const project = async () => (await addProject(house.state, { status: 'active', started: true })).id;
const ask = (id: string, text = LONG) =>
  house.finance.complete(
    paidCall(id, {
      request: { system: 'You work.', messages: [{ role: 'user', text }], tools: [], maxOutputTokens: 500 },
    }).call,
  );
const realCalls = (model: ScriptedModel) =>
  model.requests.filter(({ body }) => !JSON.stringify(body).includes('Reply with')).length;

/** As the workers do it: probe when nobody is there, make the conversation smaller when it is refused. */
async function until(id: string, text = LONG, rounds = 30): Promise<PaidOutcome> {
  for (let round = 0; round < rounds; round += 1) {
    const outcome = await ask(id, text);
    if (outcome.kind === 'no_provider') await house.finance.probeProvider('a');
    else if (outcome.kind === 'refused' && !outcome.squeezed) await house.finance.squeezed(id);
    else if (outcome.kind !== 'wait') return outcome;
  }
  throw new Error('It went round and round.');
}

describe('A90 endless-flap: a failure that repeats on every real call while probes are answered', () => {
  test.each(FAILINGS)(
    '%s ends after a few calls, with the words of the provider',
    async (_what, fault, { billed }) => {
      const model = await failing(fault);
      await house.setProviders(openai('a', model.url));
      const id = await project();
      const outcome = await until(id);
      expect(outcome).toMatchObject({
        kind: 'refused',
        squeezed: true,
        detail: expect.stringContaining('Provider a'),
      });
      if (!billed) expect(outcome).toMatchObject({ detail: expect.stringContaining('Frobnication') });
      expect(realCalls(model)).toBeLessThanOrEqual(8);
      const { setbacks } = await house.state.finance(id).get();
      const booked = (await house.state.costs(id).readAll()).reduce((sum, { cost }) => sum + cost, 0);
      expect(setbacks).toMatchObject([{ provider: 'a', squeezed: true }]);
      expect(setbacks[0]?.cost).toBeCloseTo(booked, 9);
      expect(booked > 0).toBe(billed);
      expect(house.events.filter(({ type }) => type === 'provider.failing').length).toBeLessThanOrEqual(1);
      expect(house.events.filter(({ type }) => type === 'provider.recovered')).toEqual([]);
      // Nothing goes on until somebody says so.
      const before = model.requests.length;
      expect(await ask(id)).toMatchObject({ kind: 'refused', squeezed: true });
      expect(model.requests).toHaveLength(before);
    },
  );

  test.each(FAILINGS)('%s leads to another provider, which keeps the project', async (_what, fault) => {
    const model = await failing(fault);
    const other = await startScriptedModel({ script: () => reply });
    models.push(other);
    await house.setProviders(
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
    await house.setProviders(openai('a', model.url));
    const id = await project();
    for (let round = 0; ; round += 1) {
      const outcome = await ask(id);
      if (outcome.kind === 'no_provider') await house.finance.probeProvider('a');
      else if (outcome.kind === 'refused') break;
      expect(round).toBeLessThan(12);
    }
    await house.finance.squeezed(id);
    for (let round = 0; ; round += 1) {
      const outcome = await ask(id, 'short again');
      if (outcome.kind === 'reply') break;
      await house.finance.probeProvider('a');
      expect(round).toBeLessThan(3);
    }
    expect((await house.state.finance(id).get()).setbacks).toEqual([]);
    expect((await house.meter.live(['a'])).get('a')?.health).toMatchObject({ consecutiveFailures: 0 });
  });

  test('a probe lets one call of many try; the others wait for what becomes of it', async () => {
    const model = await failing(http(500, '{"error":{"message":"no"}}'));
    await house.setProviders(openai('a', model.url));
    const ids = await Promise.all(Array.from({ length: 6 }, project));
    expect(await ask(ids[0] ?? '')).toMatchObject({ kind: 'no_provider', for: 'provider' });
    await house.finance.probeProvider('a');
    const before = realCalls(model);
    const outcomes = await Promise.all(ids.map((id) => ask(id)));
    expect(realCalls(model)).toBe(before + 1);
    expect(outcomes.filter(({ kind }) => kind === 'wait' || kind === 'no_provider')).toHaveLength(6);
  });

  test('a provider that is only away is waited for, however often it comes and goes', async () => {
    const model = await failing(http(503, '{"error":{"message":"overloaded"}}'));
    await house.setProviders(openai('a', model.url));
    const id = await project();
    for (let round = 0; round < 8; round += 1) {
      expect(['no_provider', 'wait']).toContain((await ask(id)).kind);
      await house.finance.probeProvider('a');
    }
    expect((await house.state.finance(id).get()).setbacks).toMatchObject([{ rounds: 0, cost: 0 }]);
  });

  test('a probe sends the tools of the work, a stream and its limits', async () => {
    const model = await failing(http(500, 'no'));
    await house.setProviders(openai('a', model.url));
    await project();
    await house.finance.probeProvider('a');
    const body = model.requests[0]?.body;
    expect(body).toMatchObject({ stream: true, stream_options: { include_usage: true } });
    expect(JSON.stringify(body)).toContain('"propose_decision"');
  });
});

test('going back to the preferred provider is told as that, and failed calls are counted', async () => {
  const model = await failing(http(503, '{"error":{"message":"overloaded"}}'));
  const other = await startScriptedModel({ script: () => reply });
  models.push(other);
  await house.setProviders(
    openai('a', model.url, { priority: 1 }),
    anthropic('b', other.url, { priority: 2 }),
  );
  const id = await project();
  expect(await ask(id, 'short')).toMatchObject({ kind: 'reply', provider: { id: 'a' } });
  expect(await ask(id)).toMatchObject({ kind: 'reply', provider: { id: 'b' } });
  await house.state.finance(id).update((current) => ({
    ...current,
    providerSwitches: current.providerSwitches.map((each) => ({ ...each, timestamp: new Date(0) })),
  }));
  await house.finance.probeProvider('a');
  expect(await ask(id, 'short')).toMatchObject({ kind: 'reply', provider: { id: 'a' } });
  const told = house.events.filter(({ type }) => type === 'provider.switched').map(({ message }) => message);
  expect(told).toEqual([
    expect.stringContaining('from provider a to b: api error'),
    expect.stringContaining('back from provider b to a, which is preferred'),
  ]);
  await house.finance.noteProbe([id]);
  expect(await house.state.finance(id).get()).toMatchObject({
    failedCalls: { 'a outage': 3 },
    lastProbeAt: expect.any(Date),
    setbacks: [],
  });
});

describe('A91 refusal: a policy that refuses', () => {
  const refuses = async () => {
    const model = await startScriptedModel({
      script: ({ lastUser }) =>
        isProbe(lastUser) ? reply : { ...reply, text: 'I cannot help with that.', stop: 'refusal' },
    });
    models.push(model);
    return model;
  };

  test.each(['openai', 'anthropic'] as const)(
    '%s: the next provider is asked, and the refusal is paid for once',
    async (vendor) => {
      const model = await refuses();
      const other = await startScriptedModel({ script: () => reply });
      models.push(other);
      const first =
        vendor === 'openai'
          ? openai('a', model.url, { priority: 1 })
          : anthropic('a', model.url, { priority: 1 });
      await house.setProviders(first, openai('b', other.url, { priority: 2 }));
      const id = await project();
      expect(await ask(id)).toMatchObject({ kind: 'reply', provider: { id: 'b' } });
      expect(await ask(id)).toMatchObject({ kind: 'reply', provider: { id: 'b' } });
      expect(model.requests).toHaveLength(1);
      expect((await house.state.costs(id).readAll()).filter(({ provider }) => provider === 'a')).toHaveLength(
        1,
      );
      expect((await house.state.finance(id).get()).setbacks).toMatchObject([
        { provider: 'a', kind: 'refusal' },
      ]);
      // It is this conversation that it refuses, so others are served.
      expect((await house.meter.live(['a'])).get('a')?.health?.consecutiveFailures ?? 0).toBe(0);
    },
  );

  test('of the only provider ends with its words', async () => {
    const model = await refuses();
    await house.setProviders(openai('a', model.url));
    expect(await until(await project())).toMatchObject({
      kind: 'refused',
      detail: expect.stringContaining('I cannot help with that.'),
    });
    expect(model.requests).toHaveLength(2);
  });
});

describe('A92 ledger-cut: a ledger that lost rows', () => {
  test('stops the project, names its file, and the money stays spent when its owner goes on', async () => {
    const model = await startScriptedModel({
      script: () => ({ ...reply, usage: { input: 100_000, output: 10 } }),
    });
    models.push(model);
    await house.setProviders(openai('a', model.url));
    const id = await project();
    for (let call = 0; call < 3; call += 1) expect((await ask(id)).kind).toBe('reply');
    await house.finance.close();
    const file = join(house.state.projectFolder(id), 'costs.jsonl');
    const { readFile, writeFile } = await import('node:fs/promises');
    const [first = ''] = (await readFile(file, 'utf8')).split('\n');
    await writeFile(file, `${first}\n`);
    const again = await openHouse({ socket: server.socket, folder });
    onTestFinished(() => again.close());
    await again.redis.flushall();
    const outcome = await again.finance.complete(paidCall(id).call);
    expect(outcome).toMatchObject({ kind: 'ledger', detail: expect.stringContaining(`${id}/costs.jsonl`) });
    expect(model.requests).toHaveLength(3);
    expect((await again.meter.live(['a'])).get('a')?.spentUsd).toBeCloseTo(model.billed(), 9);
    await freshStart(again.state, id, { now: () => new Date(), newId: () => 'x' });
    const rows = await again.state.costs(id).readAll();
    expect(rows.reduce((sum, { cost }) => sum + cost, 0)).toBeCloseTo(model.billed(), 9);
    expect(await again.finance.complete(paidCall(id).call)).toMatchObject({ kind: 'reply' });
  });
});
