import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { ProviderConfig } from '../../../../src/factory/model/money/finance.ts';
import type { PaidCall } from '../../../../src/factory/ports.ts';
import { addProject } from '../../../state/samples.ts';
import { type Answer, modelForTest } from '../../../support/model.ts';
import { startRedis, type TestRedis } from '../../../support/redis.ts';
import { anthropic, openai, openHouse, paidCall } from '../house.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis?.stop());

type Replied = Parameters<PaidCall['replied']>[0];

/** What a model was asked for and what is noted of its cut reply, for a project with this budget. */
async function askCut(
  providerAt: (url: string) => ProviderConfig,
  { budget, ...request }: { budget?: number; maxOutputTokens?: number } = {},
) {
  const folder = await mkdtemp(join(tmpdir(), 'df-output-'));
  const house = await openHouse({ socket: redis.socket, folder });
  await house.redis.flushall();
  onTestFinished(async () => {
    await house.close();
    await rm(folder, { recursive: true, force: true });
  });
  const cut: Answer = { text: 'I begin', stop: 'max_tokens', usage: { input: 1_000, output: 2_000 } };
  const llm = await modelForTest({ script: () => cut });
  await house.setProviders(providerAt(llm.url));
  const settings = { commands: {}, allowGateChanges: false, ...(budget === undefined ? {} : { budget }) };
  const { id } = await addProject(house.state, { settings });
  const notes: Replied[] = [];
  const { call } = paidCall(id);
  const { maxOutputTokens: _, ...open } = call.request;
  const replied = async (record: Replied) => void notes.push(record);
  const outcome = await house.finance.complete({ ...call, request: { ...open, ...request }, replied });
  expect(outcome).toMatchObject({ kind: 'reply', reply: { stop: 'max_tokens' } });
  const body = llm.requests[0]?.body as Record<string, number>;
  const asked = body['max_tokens'] ?? body['max_output_tokens'] ?? body['max_completion_tokens'];
  const rows = await house.state.costs(id).readAll();
  expect(rows.reduce((sum, { cost }) => sum + cost, 0)).toBeCloseTo(llm.billed(), 9);
  return { asked, ...notes[0] };
}

test.each<[string, (url: string) => ProviderConfig, object]>([
  [
    'one that thinks, on Responses',
    (url) => openai('a', url, { model: 'gpt-5.1' }),
    { asked: 64_000, limit: 64_000, more: 128_000 },
  ],
  [
    'one that thinks within a budget, on messages',
    (url) => anthropic('a', url, { model: 'claude-sonnet-4-5' }),
    { asked: 64_000, limit: 64_000 },
  ],
  [
    'one with less than is usual',
    (url) => openai('a', url, { model: 'gpt-4o', api: 'chat' }),
    { asked: 16_384, limit: 16_384 },
  ],
  [
    'one of which nothing is known',
    (url) => openai('a', url, { name: 'custom', model: 'acme' }),
    { asked: 8_192, limit: 8_192, more: 32_768 },
  ],
  [
    'one whose owner says how long',
    (url) => openai('a', url, { model: 'gpt-5.1', maxOutputTokens: 5_000 }),
    { asked: 5_000, limit: 5_000 },
  ],
])(
  'a reply is given the room that suits its model, and a cut one more where there is more: %s',
  async (_, at, expected) => {
    const seen = await askCut(at);
    expect(seen).toMatchObject(expected);
    expect(seen.more).toBe((expected as { more?: number }).more);
  },
);

test('A100 a project with little money works with what output it pays for, and no more is promised', async () => {
  const { asked, more } = await askCut((url) => openai('a', url, { model: 'gpt-5.1' }), { budget: 0.02 });
  expect(asked).toBeGreaterThan(5_000);
  expect(asked).toBeLessThan(10_000);
  expect(more).toBeUndefined();
});

test('an answer of known length has room for thoughts beside it', async () => {
  const { asked } = await askCut((url) => openai('a', url, { model: 'gpt-5.1' }), { maxOutputTokens: 1_000 });
  expect(asked).toBe(25_000);
});
