import { describe, expect, test } from 'vitest';
import { createModels } from '../../src/llm/models.ts';
import { failed, KEY, patient, providerAt, requestFor, type TestVendor } from './support.ts';

const sse = (data: Record<string, unknown>, name?: string) =>
  `${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`;
const named = (data: Record<string, unknown> & { type: string }) => sse(data, data.type);

/** What becomes of a call that is answered with these events and status 200. */
async function meet(vendor: TestVendor, ...events: string[]) {
  const fetch = async () =>
    new Response(events.join(''), { headers: { 'content-type': 'text/event-stream' } });
  const provider = providerAt({ url: 'http://127.0.0.1' }, vendor);
  const adapter = await createModels({ fetch }).adapterFor(provider, KEY);
  return failed(await adapter.complete(requestFor(provider), patient()));
}

const anthropicError = (type: string, message: string) => named({ type: 'error', error: { type, message } });
const chatError = (error: Record<string, unknown>) => sse({ error });
const responseFailed = (code: string, message: string) =>
  named({
    type: 'response.failed',
    response: { object: 'response', status: 'failed', error: { code, message } },
  });

const STARTED = named({
  type: 'message_start',
  message: { usage: { input_tokens: 60_000, output_tokens: 1 } },
});
const TAKEN =
  named({ type: 'response.created', response: { status: 'queued' } }) +
  named({ type: 'response.in_progress', response: { status: 'in_progress' } });
const THINKS = named({
  ...{ type: 'response.output_item.added', output_index: 0 },
  item: { id: 'rs_1', type: 'reasoning', summary: [] },
});
const SAID = sse({ choices: [{ index: 0, delta: { content: 'hel' } }] });
const OVERLOADED = anthropicError('overloaded_error', 'Overloaded');
const AZURE = 'Rate limit is exceeded. Try again in 17 seconds.';

describe('A177 an error that comes as an event of a stream, before anything of a reply', () => {
  test.each<[string, TestVendor, string[], Record<string, unknown>]>([
    ['an overload of Anthropic', 'anthropic', [OVERLOADED], { kind: 'outage', status: 529 }],
    [
      'a limit of Anthropic',
      'anthropic',
      [anthropicError('rate_limit_error', 'Too many requests')],
      { kind: 'rate', status: 429 },
    ],
    [
      'an overload of OpenAI, whose request was taken',
      'responses',
      [TAKEN, responseFailed('server_is_overloaded', 'Our servers are currently overloaded.')],
      { kind: 'outage', status: 529 },
    ],
    [
      'a limit of OpenAI',
      'responses',
      [TAKEN, responseFailed('rate_limit_exceeded', 'Rate limit reached. Please try again in 1.2s.')],
      { kind: 'rate', status: 429, retryAfterMs: 1_200 },
    ],
    [
      'a conversation that is too long',
      'responses',
      [TAKEN, responseFailed('context_length_exceeded', 'Your input exceeds the context window.')],
      { kind: 'context' },
    ],
    [
      'an empty account',
      'responses',
      [TAKEN, responseFailed('insufficient_quota', 'Quota')],
      { kind: 'money' },
    ],
    [
      'a limit of OpenRouter, after comments',
      'custom',
      [': OPENROUTER PROCESSING\n\n', chatError({ code: 429, message: 'Provider returned error' })],
      { kind: 'rate', status: 429 },
    ],
    [
      'a limit of Azure by its name',
      'openai',
      [chatError({ code: 'too_many_requests', message: AZURE })],
      { kind: 'rate', status: 429, retryAfterMs: 17_000 },
    ],
    [
      'a limit of Azure by its words',
      'openai',
      [sse({ choices: [], prompt_filter_results: [] }), chatError({ code: null, message: AZURE })],
      { kind: 'rate', retryAfterMs: 17_000 },
    ],
  ])('costs nothing and means what it means as an answer: %s', async (_what, vendor, events, expected) => {
    expect(await meet(vendor, ...events)).toMatchObject({ ...expected, perhapsBilled: false });
  });

  test('is no absence of the provider where it names no reason: it counts like a 500', async () => {
    const failure = await meet('openai', chatError({ code: 'server_error', message: 'An error occurred.' }));
    expect(failure).toMatchObject({ kind: 'outage', status: 500, perhapsBilled: false });
  });

  test('is perhaps billed where a gateway gave up waiting', async () => {
    const failure = await meet('anthropic', anthropicError('timeout_error', 'Request timed out'));
    expect(failure).toMatchObject({ kind: 'outage', perhapsBilled: true });
  });
});

describe('A177 an error that comes as an event after a reply had begun', () => {
  test.each<[string, TestVendor, string[]]>([
    ['the count of what was read', 'anthropic', [STARTED, OVERLOADED]],
    ['a thought', 'responses', [TAKEN, THINKS, responseFailed('server_error', 'An error occurred.')]],
    ['words', 'custom', [SAID, chatError({ code: 502, message: 'Provider returned error' })]],
    [
      'words, though it is a refusal',
      'custom',
      [SAID, chatError({ code: 402, message: 'Insufficient credits' })],
    ],
  ])('is perhaps billed: after %s', async (_what, vendor, events) => {
    expect((await meet(vendor, ...events)).perhapsBilled).toBe(true);
  });

  test('is not billed where it refuses, and no word of a reply had come', async () => {
    const failure = await meet('responses', TAKEN, THINKS, responseFailed('insufficient_quota', 'Quota'));
    expect(failure).toMatchObject({ kind: 'money', perhapsBilled: false });
  });
});
