import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createFinanceApi, type FinanceApi } from '../../../src/factory/finance/api.ts';
import { priceOf } from '../../../src/llm/prices.ts';
import { addProject } from '../../state/samples.ts';
import { modelForTest } from '../../support/model.ts';
import { startRedis, type TestRedis } from '../../support/redis.ts';
import { row } from './fixtures.ts';
import { type House, openai, openHouse } from './house.ts';

let server: TestRedis;
let folder: string;
let house: House;
let api: FinanceApi;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server?.stop());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'df-api-'));
  house = await openHouse({ socket: server.socket, folder });
  await house.redis.flushall();
  const record = async (event: (typeof house.events)[number]) => {
    house.events.push(event);
  };
  const { state, meter } = house;
  const rest = { factoryCosts: house.logs.costs, priceOf, now: () => new Date(), onProblem: () => undefined };
  api = createFinanceApi({ state, meter, record, ...rest }, house.finance);
});
afterEach(async () => {
  await house.close();
  await rm(folder, { recursive: true, force: true });
});

const free = (id: string, priority: number) => ({
  id,
  name: 'custom',
  model: 'm',
  apiKey: '',
  baseUrl: 'http://127.0.0.1:1/v1',
  free: true,
  priority,
});

test('the manager of the specification adds, selects, switches, books and sums up by its own names', async () => {
  const { id } = await addProject(house.state);
  await api.addProvider({ ...free('a', 1), creditsAvailable: 5 });
  await api.addProvider(free('b', 2));
  expect((await api.selectProvider(1_000))?.id).toBe('a');
  expect((await api.switchProvider(id, 'manual'))?.id).toBe('a');
  expect((await api.switchProvider(id, 'manual'))?.id).toBe('b');
  await api.recordCost(id, row());
  await api.recordCost(id, row());
  expect(await api.checkCredits('a')).toBeCloseTo(4.9);
  expect(await api.checkCredits('b')).toBe(Number.POSITIVE_INFINITY);
  expect(await api.getCostSummary(id)).toMatchObject({ totalSpent: 0.1, tokensUsed: 10 });
  await api.enterPollingMode(id);
  const state = await api.getFinanceState(id);
  expect(state).toMatchObject({
    pollingMode: true,
    currentProviderId: 'b',
    providerSwitches: [{ fromProvider: 'a', toProvider: 'b', reason: 'manual' }],
    costHistory: [{ cost: 0.1 }],
  });
  await api.removeProvider('a');
  await expect(api.checkCredits('a')).rejects.toMatchObject({ code: 'provider_not_found' });
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
  await api.recordCost((await addProject(house.state)).id, row());
  expect(await house.finance.anyViable()).toBe(false);
  expect(await api.probeProvider('a')).toBe(false);
  await api.updateProvider('a', { addCredits: 1 });
  expect(await house.finance.anyViable()).toBe(true);
  expect(await api.probeProvider('a')).toBe(true);
});
