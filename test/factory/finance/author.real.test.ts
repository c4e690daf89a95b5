import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { addProject } from '../../state/samples.ts';
import { modelForTest } from '../../support/model.ts';
import { startRedis, type TestRedis } from '../../support/redis.ts';
import { anthropic, type House, openai, openHouse, paidCall } from './house.ts';

let server: TestRedis;
let folder: string;
let house: House;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server?.stop());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'df-author-'));
  house = await openHouse({ socket: server.socket, folder });
  await house.redis.flushall();
});
afterEach(async () => {
  await house.close();
  await rm(folder, { recursive: true, force: true });
});

test('the author is settled before its first turn, and who keeps away from it never becomes the author', async () => {
  const llm = await modelForTest({ script: () => ({ text: 'ok' }), strict: false });
  await house.setProviders(openai('a', llm.url), anthropic('b', llm.url));
  const { id } = await addProject(house.state);
  const author = await house.finance.author(id);
  expect(author).toBe('a');
  for (let turn = 0; turn < 3; turn++) {
    const { call } = paidCall(id, { operation: 'sealing', avoidProvider: author ?? '' });
    expect(await house.finance.complete(call)).toMatchObject({ kind: 'reply', provider: { id: 'b' } });
    expect(await house.finance.author(id)).toBe('a');
  }
  const { call } = paidCall(id);
  expect(await house.finance.complete(call)).toMatchObject({ kind: 'reply', provider: { id: 'a' } });
  const rows = await house.state.costs(id).readAll();
  expect(rows.map(({ operation }) => operation)).toEqual(['sealing', 'sealing', 'sealing', 'chat']);
});

test('there is no author as long as no provider is ready', async () => {
  await house.setProviders(openai('a', 'http://127.0.0.1:1', { enabled: false }));
  const { id } = await addProject(house.state);
  expect(await house.finance.author(id)).toBeNull();
  expect((await house.state.finance(id).get()).currentProviderId).toBeUndefined();
});
