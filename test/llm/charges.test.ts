import { expect, test } from 'vitest';
import type { ModelReply } from '../../src/factory/ports.ts';
import { createModels } from '../../src/llm/models.ts';
import { failed, KEY, patient, providerAt, replied, requestFor, type TestVendor } from './support.ts';

const OPENROUTER = 'https://openrouter.ai/api/v1';
const sse = (...events: unknown[]) => events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');

async function outcomeOf(body: string, vendor: TestVendor, baseUrl: string) {
  const fetch = async () => new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  const provider = providerAt({ url: '' }, vendor, { baseUrl });
  const adapter = await createModels({ fetch }).adapterFor(provider, KEY);
  return adapter.complete(requestFor(provider), patient());
}

const chat = (usage: Record<string, unknown>, finish_reason = 'stop') =>
  sse(
    { choices: [{ delta: { content: 'hi' }, finish_reason }] },
    { choices: [], usage: { prompt_tokens: 60_000, completion_tokens: 2_000, ...usage } },
  );
const response = (usage: Record<string, unknown>) =>
  sse({
    type: 'response.completed',
    response: {
      ...{ object: 'response', status: 'completed' },
      output: [{ type: 'message', content: [{ type: 'output_text', text: 'hi' }] }],
      usage: { input_tokens: 60_000, output_tokens: 2_000, ...usage },
    },
  });
const chargedOf = ({ charged }: ModelReply) => charged;

test.each([
  ['the whole charge', { cost: 0.189 }, 0.189],
  [
    'a charge of credits alone',
    { cost: 0.2, is_byok: false, cost_details: { upstream_inference_cost: 0.2 } },
    0.2,
  ],
  [
    'the bill of a host behind it on top',
    { cost: 0.5, is_byok: true, cost_details: { upstream_inference_cost: 2 } },
    2.5,
  ],
  ['the same without a word about keys', { cost: 0.5, cost_details: { upstream_inference_cost: 2 } }, 2.5],
  ['no charge', { cost: 0 }, undefined],
  ['no number', { cost: 'much', cost_details: { upstream_inference_cost: -1 } }, undefined],
  ['nothing', {}, undefined],
])('what OpenRouter says that it has charged is told with a reply: %s', async (_, usage, charged) => {
  for (const [body, vendor] of [
    [chat(usage), 'custom'],
    [response(usage), 'responses'],
    // An endpoint that answers every request with chat completions.
    [chat(usage), 'responses'],
  ] as const) {
    expect(chargedOf(replied(await outcomeOf(body, vendor, OPENROUTER)))).toBe(charged);
  }
});

test('it is told with a failure whose usage is known', async () => {
  const failure = failed(await outcomeOf(chat({ cost: 0.189 }, 'error'), 'custom', OPENROUTER));
  expect(failure).toMatchObject({ usage: { input: 60_000 }, charged: 0.189 });
});

test('what another endpoint says of its charges does not count', async () => {
  for (const baseUrl of ['https://api.example.com/v1', 'https://openrouter.ai.example.com/v1']) {
    const reply = replied(await outcomeOf(chat({ cost: 0.189 }), 'custom', baseUrl));
    expect(reply).not.toHaveProperty('charged');
  }
});
