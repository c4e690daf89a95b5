import { expect, test } from 'vitest';
import { cacheOutlook, NO_PAUSES, pauseOver } from '../../src/factory/agent/turn/pauses.ts';
import { cacheTimeFor } from '../../src/factory/finance/calls/cache-time.ts';
import type { ChatMessage } from '../../src/factory/model/message.ts';
import { tokensOf, type Usage } from '../../src/factory/model/money/finance.ts';
import { createModels } from '../../src/llm/models.ts';
import { priceOf } from '../../src/llm/prices.ts';
import { call, modelForTest } from '../support/model.ts';
import { KEY, patient, providerAt, replied, requestFor } from './support.ts';

const MINUTE = 60_000;
const PRICES = { input: 5, output: 25, cacheRead: 0.5, cacheWrite: 6.25 };

/** Thirty turns, a gate of seven minutes after every sixth, on a server whose cache goes by the same clock. */
async function night(choose: boolean) {
  let now = Date.parse('2026-01-02T00:00:00Z');
  const server = await modelForTest({
    script: () => ({ text: 'x', ...call('bash', { command: 'ls '.repeat(150) }) }),
    prices: { '*': PRICES },
    now: () => now,
  });
  const provider = providerAt(server, 'anthropic', { prices: PRICES });
  const adapter = await createModels().adapterFor(provider, KEY);
  const messages: ChatMessage[] = [{ role: 'user', text: 'x'.repeat(40_000) }];
  let pauses = NO_PAUSES;
  let usage: Usage | undefined;
  let cost = 0;
  for (let turn = 1; turn <= 30; turn += 1) {
    const prompt = JSON.stringify(messages).length / 4;
    const measured = usage && { usage };
    const outlook = cacheOutlook(pauses, prompt, measured, turn > 6 ? 7 * MINUTE : undefined, new Date(now));
    const cacheFor = choose ? cacheTimeFor(provider, outlook, priceOf) : '5m';
    pauses = pauseOver(pauses, new Date(now).toISOString());
    const reply = replied(await adapter.complete(requestFor(provider, messages, { cacheFor }), patient()));
    usage = reply.usage;
    cost += priceOf(provider, usage) ?? Number.NaN;
    pauses = { ...pauses, since: new Date(now).toISOString() };
    messages.push(reply.message);
    for (const part of reply.message.parts) {
      if (part.type !== 'tool_call') continue;
      messages.push({
        role: 'tool',
        callId: part.id,
        name: part.name,
        output: 'y'.repeat(3_000),
        isError: false,
      });
    }
    now += turn % 6 === 0 ? 7 * MINUTE : 20_000;
  }
  return { server, cost };
}

test('gates of seven minutes cost less where the prompt is kept for an hour, and the bill is ours', async () => {
  const [chosen, short] = [await night(true), await night(false)];
  for (const { server, cost } of [chosen, short]) expect(cost).toBeCloseTo(server.billed(), 9);
  expect(chosen.cost).toBeLessThan(short.cost * 0.9);
  const after = ({ server }: typeof chosen) =>
    server.ledger[24]?.usage ?? { input: 0, cacheRead: 0, cacheWrite: 0, output: 0 };
  // The turn after a gate: all is read, or all is written anew.
  expect(after(chosen).cacheRead).toBeGreaterThan(tokensOf(after(chosen)) * 0.8);
  expect(after(short).cacheRead).toBe(0);
  const marks = chosen.server.requests.map(
    ({ body }) => (JSON.stringify(body).match(/"ttl":"1h"/g) ?? []).length,
  );
  expect(new Set(marks)).toEqual(new Set([0, 4]));
  expect(chosen.server.requests.every(({ status }) => status === 200)).toBe(true);
});

test('A98 an endpoint that knows no hour is asked for the shorter time, and that is remembered', async () => {
  const body = JSON.stringify({
    type: 'error',
    error: {
      type: 'invalid_request_error',
      message: 'system.0.cache_control.ephemeral.ttl: Extra inputs are not permitted',
    },
  });
  const server = await modelForTest({
    script: () => ({ text: 'x' }),
    faults: [{ times: 1, fault: { fault: 'http', status: 400, body } }],
  });
  const provider = providerAt(server, 'anthropic');
  const adapter = await createModels().adapterFor(provider, KEY);
  const long = requestFor(provider, undefined, { cacheFor: '1h' });
  for (const _time of [1, 2]) replied(await adapter.complete(long, patient()));
  expect(server.requests.map((request) => JSON.stringify(request.body).includes('1h'))).toEqual([
    true,
    false,
    false,
  ]);
});
