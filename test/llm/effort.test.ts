import { expect, test } from 'vitest';
import type { Effort } from '../../src/factory/model/money/finance.ts';
import { createModels } from '../../src/llm/models.ts';
import { patient, providerAt, requestFor, type TestVendor } from './support.ts';

/** What is sent to a server that answers as `status` says, one body for each request. */
async function sent(
  vendor: TestVendor,
  fields: { model: string; effort?: Effort },
  asked: readonly (Effort | undefined)[],
  answer: () => Response = () => Response.json({ error: { message: 'down' } }, { status: 503 }),
) {
  const bodies: Record<string, unknown>[] = [];
  const models = createModels({
    async fetch(_input, init) {
      bodies.push(JSON.parse(String(init?.body)));
      return answer();
    },
  });
  const provider = providerAt({ url: 'http://127.0.0.1:9' }, vendor, fields);
  const adapter = await models.adapterFor(provider, 'k');
  for (const effort of asked) {
    const over = { maxOutputTokens: 64_000, ...(effort === undefined ? {} : { effort }) };
    await adapter.complete(requestFor(provider, undefined, over), patient());
  }
  return bodies;
}

test.each([
  ['responses', 'gpt-5.1', 'low', { reasoning: { effort: 'low' } }],
  ['openai', 'gpt-5.1', 'high', { reasoning_effort: 'high' }],
  ['custom', 'gpt-oss-120b', 'medium', { reasoning_effort: 'medium' }],
  ['anthropic', 'claude-opus-4-6', 'high', { output_config: { effort: 'high' } }],
  ['anthropic', 'claude-sonnet-4-5', 'low', { thinking: { type: 'enabled', budget_tokens: 4_096 } }],
  ['anthropic', 'claude-sonnet-4-5', 'high', { thinking: { type: 'enabled', budget_tokens: 20_480 } }],
] as const)(
  '%s: the effort of a persona goes to %s in its own words: %s',
  async (vendor, model, effort, body) => {
    expect((await sent(vendor, { model }, [effort]))[0]).toMatchObject(body);
  },
);

test('it goes before the effort that the owner set for all calls of the provider, for this request alone', async () => {
  const bodies = await sent('openai', { model: 'gpt-5.1', effort: 'high' }, ['low', undefined]);
  expect(bodies.map((body) => body['reasoning_effort'])).toEqual(['low', 'high']);
});

test.each([
  ['openai', 'gpt-4.1'],
  ['responses', 'gpt-4.1'],
  ['custom', 'qwen3-coder'],
  ['anthropic', 'claude-3-5-haiku'],
] as const)('%s: a model that knows none is told nothing: %s', async (vendor, model) => {
  const [body = {}] = await sent(vendor, { model }, ['high']);
  for (const key of ['reasoning_effort', 'output_config', 'thinking']) expect(body).not.toHaveProperty(key);
  expect(body['reasoning'] ?? {}).not.toHaveProperty('effort');
});

test('an endpoint that refuses it is asked again without, once, and is told none from then on', async () => {
  let refuses = true;
  const answer = () => {
    if (!refuses) return new Response(STREAM, { headers: { 'content-type': 'text/event-stream' } });
    refuses = false;
    const message = "Unsupported parameter: 'reasoning_effort' is not supported with this model.";
    const error = { message, type: 'invalid_request_error', code: 'unsupported_parameter' };
    return Response.json({ error }, { status: 400 });
  };
  const bodies = await sent('custom', { model: 'gpt-oss-120b' }, ['high', 'high'], answer);
  expect(bodies.map((body) => body['reasoning_effort'])).toEqual(['high', undefined, undefined]);
});

const chunk = (part: object) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', ...part })}\n\n`;
const STREAM = [
  chunk({ choices: [{ index: 0, delta: { role: 'assistant', content: 'x' }, finish_reason: 'stop' }] }),
  chunk({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } }),
  'data: [DONE]\n\n',
].join('');
