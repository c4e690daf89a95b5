import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { sumByProvider } from '../../../src/budget-meter/ledger-facts.ts';
import { config as configSchema } from '../../../src/factory/config/config.ts';
import { treeCosts } from '../../../src/factory/decisions/tree/tree-costs.ts';
import { createFinanceApi, type FinanceApi, type FinanceApiDeps } from '../../../src/factory/finance/api.ts';
import { DarkFactoryError } from '../../../src/lib/failure.ts';
import { addProject } from '../../state/samples.ts';
import { modelForTest } from '../../support/model.ts';
import { startRedis, type TestRedis } from '../../support/redis.ts';
import { row } from './fixtures.ts';
import { type House, openai, openHouse, paidCall } from './house.ts';

const config = configSchema.parse({});
let server: TestRedis;
let folder: string;
let house: House;
let api: FinanceApi;
let tried: string[];
let acts: string[];
let notes: string[];
let waiting: string[];
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server?.stop());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'df-api-'));
  house = await openHouse({ socket: server.socket, folder });
  await house.redis.flushall();
  [tried, acts, notes, waiting] = [[], [], [], []];
  api = openApi();
});
afterEach(async () => {
  await house.close();
  await rm(folder, { recursive: true, force: true });
});

function openApi(more: Partial<FinanceApiDeps> = {}): FinanceApi {
  const { state, meter, vault, finance, events, logs } = house;
  return createFinanceApi({
    ...{ state, vault, config },
    factoryCosts: logs.costs,
    meter: async () => meter,
    manager: async () => finance,
    isPriced: (provider) => provider.free || provider.prices !== undefined,
    judge: async () => undefined,
    prepare: async () => undefined,
    spentByProvider: async () => sumByProvider({ state, factoryCosts: logs.costs }),
    tryNow: async (id, isNew) => tried.push(isNew ? `${id} anew` : id),
    act: async (...act) => void acts.push(act[0]),
    onNote: (text) => notes.push(text),
    record: async (event) => void events.push(event),
    treeCosts: (id) => treeCosts(state, id),
    waiting: {
      waitForProvider: async (id) => void waiting.push(`waits ${id}`),
      wakeOne: async () => true,
      dispatch: async (id) => void waiting.push(`goes on ${id}`),
      requestProbesIn: async (ms, ids) => void waiting.push(`probes ${ids.join()} in ${ms}`),
    },
    onProblem: () => undefined,
    now: () => new Date(),
    newId: randomUUID,
    ...more,
  });
}

const free = (id: string, priority: number) => ({
  id,
  name: 'custom',
  model: 'm',
  key: { kind: 'none' } as const,
  baseUrl: 'http://127.0.0.1:1/v1',
  free: true,
  priority,
});

test('the manager of the specification adds, selects, switches, books and sums up by its own names', async () => {
  const { id } = await addProject(house.state);
  await api.addProvider({ ...free('a', 1), creditsAvailable: 5 });
  await api.addProvider(free('b', 2));
  expect((await api.selectProvider(1_000))?.id).toBe('a');
  expect((await api.switchProvider('manual', id))?.id).toBe('b');
  await api.recordCost(row(), id);
  await api.recordCost(row(), id);
  expect(await api.checkCredits('a')).toBeCloseTo(4.9);
  expect(await api.checkCredits('b')).toBe(Number.POSITIVE_INFINITY);
  expect(await api.getCostSummary(id)).toMatchObject({ totalSpent: 0.1, tokensUsed: 10 });
  await house.state.project(id).update((project) => ({ ...project, status: 'active' }));
  await api.enterPollingMode(id);
  expect(waiting).toEqual([`waits ${id}`, `probes a,b in ${config.pollingInterval}`]);
  const state = await api.getFinanceState(id);
  expect(state).toMatchObject({
    pollingMode: true,
    currentProviderId: 'b',
    providerSwitches: [{ fromProvider: 'a', toProvider: 'b', reason: 'manual' }],
    costHistory: [{ cost: 0.1 }],
  });
  await api.exitPollingMode(id);
  expect(waiting.at(-1)).toBe(`goes on ${id}`);
  expect((await api.getFinanceState(id)).pollingMode).toBe(false);
  await api.removeProvider('a');
  expect(acts).toEqual(['provider.added', 'provider.added', 'provider.removed']);
  await expect(api.checkCredits('a')).rejects.toMatchObject({ code: 'provider_not_found' });
});

test('A165 order-undone: a project that its owner moved to a less preferred provider stays there until the preferred one is probed', async () => {
  const llm = await modelForTest({ script: () => ({ text: 'ok' }), strict: false });
  await house.setProviders(openai('a', llm.url, { priority: 1 }), openai('b', llm.url, { priority: 2 }));
  const { id } = await addProject(house.state);
  const call = async () => {
    const answer = await house.finance.complete(paidCall(id).call);
    return answer.kind === 'reply' ? answer.provider.id : answer.kind;
  };
  await api.switchProvider('manual', id);
  // As if that had been an hour ago.
  const hourAgo = new Date(Date.now() - 3_600_000);
  await house.state.finance(id).update((current) => ({
    ...current,
    providerSwitches: current.providerSwitches.map((each) => ({ ...each, timestamp: hourAgo })),
    orderedAt: hourAgo,
  }));
  expect([await call(), await call()]).toEqual(['b', 'b']);
  await api.probeProvider('a');
  expect([await call(), await call()]).toEqual(['a', 'a']);
  const { providerSwitches, orderedAt } = await house.state.finance(id).get();
  expect([providerSwitches.map(({ toProvider }) => toProvider), orderedAt]).toEqual([['b', 'a'], undefined]);
});

test('a project that has ended is moved to no other provider', async () => {
  const { id } = await addProject(house.state, { status: 'completed' });
  await house.setProviders(openai('a', 'http://127.0.0.1:1'), openai('b', 'http://127.0.0.1:1'));
  await expect(api.switchProvider('manual', id)).rejects.toMatchObject({ code: 'project_ended' });
  expect((await house.state.finance(id).get()).providerSwitches).toEqual([]);
});

test('no key, not even a sealed one, stands in a finance state', async () => {
  const { id } = await addProject(house.state);
  await house.setProviders(
    openai('a', 'http://127.0.0.1:1', { apiKey: await house.vault.seal('a', 'sk-secret-1234') }),
  );
  const text = JSON.stringify(await api.getFinanceState(id));
  expect(text).not.toContain('apiKey');
  expect(text).not.toContain('encrypted');
});

test('credit added later makes an empty provider usable at once, and a probe says so', async () => {
  const llm = await modelForTest({ script: () => ({ text: 'ok' }), strict: false });
  await house.setProviders(openai('a', llm.url, { creditsAvailable: 0.1 }));
  await api.recordCost(row(), (await addProject(house.state)).id);
  expect(await api.probeProvider('a')).toBe(false);
  await api.updateProvider('a', { addCredits: 1 });
  expect(await api.probeProvider('a')).toBe(true);
});

test('a key is sealed before it is written, and no answer holds any of it', async () => {
  const key = 'sk-secret-0123456789';
  const order = { ...free('a', 1), key: { kind: 'sealed', key } as const };
  const answers = [
    await api.addProvider(order),
    await api.updateProvider('a', { key: { kind: 'sealed', key: `${key}-new` }, priority: 3 }),
    await api.selectProvider(10),
  ];
  expect(JSON.stringify(answers)).not.toMatch(/apiKey|encrypted|6789/);
  const [stored] = (await house.state.providers().get()).providers;
  expect(stored?.apiKey).toMatch(/^encrypted:/);
  expect(await house.vault.open('a', stored?.apiKey ?? '')).toBe(`${key}-new`);
  await api.updateProvider('a', { priority: 4 });
  expect(tried).toEqual(['a anew', 'a anew', 'a']);
});

test("a key by the specification's name is sealed as well, or named, or none", async () => {
  const key = 'sk-secret-0123456789';
  const { key: _none, ...open } = free('a', 1);
  await api.addProvider({ ...open, apiKey: key });
  const stored = async () => (await house.state.providers().get()).providers[0]?.apiKey ?? '';
  expect(await house.vault.open('a', await stored())).toBe(key);
  await api.updateProvider('a', { apiKey: `${key}-new` });
  expect(await stored()).toMatch(/^encrypted:/);
  expect(await house.vault.open('a', await stored())).toBe(`${key}-new`);
  await api.updateProvider('a', { apiKey: 'env:OF_A' });
  expect(await stored()).toBe('env:OF_A');
  await api.updateProvider('a', { apiKey: '' });
  expect(await stored()).toBe('');
});

test('what is said of a provider is kept or refused, never dropped', async () => {
  const limits = { requestsPerMinute: 3 };
  await api.addProvider({ ...free('a', 1), enabled: false, rateLimit: limits, creditsAvailable: 10 });
  const { providers } = await house.state.providers().get();
  expect(providers).toMatchObject([{ enabled: false, rateLimit: limits, creditsAvailable: 10 }]);
  await expect(api.updateProvider('a', { model: 'other' })).rejects.toMatchObject({
    code: 'provider_invalid',
    message: expect.stringContaining('model'),
  });
  expect((await house.state.providers().get()).providers).toEqual(providers);
  expect(acts).toEqual(['provider.added']);
});

test('without Redis a provider is added and changed by the ledgers, and its owner is told', async () => {
  const away = async (): Promise<never> => {
    throw new DarkFactoryError('environment', 'redis_unreachable', 'away', 'start it');
  };
  const { id } = await addProject(house.state);
  await house.state.costs(id).append(row());
  const alone = openApi({ meter: away });
  await alone.addProvider({ ...free('a', 1), creditsAvailable: 5 });
  await alone.updateProvider('a', { addCredits: 2 });
  expect((await house.state.providers().get()).providers[0]?.creditsAvailable).toBeCloseTo(7.1);
  expect(notes).toHaveLength(2);
  expect(tried).toEqual([]);
  await expect(alone.checkCredits('a')).rejects.toMatchObject({ code: 'redis_unreachable' });
});

test('what a caller books counts on top, and neither takes back nor replaces what the factory booked', async () => {
  const { id } = await addProject(house.state);
  const lost = { ...row({ requestId: 'r1' }), cost: 2, possible: true };
  await house.state.costs(id).append(lost);
  await api.recordCost({ ...row(), requestId: 'r1', cost: 0.5 }, id);
  expect(await api.getCostSummary(id)).toMatchObject({ totalSpent: 0.5, possibleSpent: 2 });
  for (const cost of [-1, Number.NaN, Number.POSITIVE_INFINITY])
    await expect(api.recordCost({ ...row(), cost }, id)).rejects.toMatchObject({ code: 'cost_invalid' });
});

test('what was paid for outside of the factory is called as its caller says, in one line', async () => {
  const { id } = await addProject(house.state);
  await api.recordCost({ ...row(), operation: 'embedding' }, id);
  expect(await api.getCostSummary(id)).toMatchObject({
    byOperation: [{ operation: 'embedding', cost: 0.1 }],
  });
  for (const more of [
    { operation: '' },
    { operation: 'a\u001b[2J' },
    { operation: 'x'.repeat(101) },
    { costs: 1 },
  ])
    await expect(api.recordCost({ ...row(), ...more }, id)).rejects.toMatchObject({ code: 'cost_invalid' });
});

test('a project that is not at work cannot be made to poll', async () => {
  const { id } = await addProject(house.state);
  await expect(api.enterPollingMode(id)).rejects.toMatchObject({ code: 'project_not_active' });
  expect(waiting).toEqual([]);
});
