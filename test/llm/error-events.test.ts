import { describe, expect, test } from 'vitest';
import { createModels } from '../../src/llm/models.ts';
import { failed, KEY, patient, providerAt, replied, requestFor, type TestVendor } from './support.ts';

const sse = (data: Record<string, unknown>, name?: string) =>
  `${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`;
const named = (data: Record<string, unknown> & { type: string }) => sse(data, data.type);

async function outcomeOf(vendor: TestVendor, body: string, type = 'text/event-stream') {
  const fetch = async () => new Response(body, { headers: { 'content-type': type } });
  const provider = providerAt({ url: 'http://127.0.0.1' }, vendor);
  const adapter = await createModels({ fetch }).adapterFor(provider, KEY);
  return adapter.complete(requestFor(provider), patient());
}

/** What becomes of a call that is answered with these events and status 200. */
const meet = async (vendor: TestVendor, ...events: string[]) =>
  failed(await outcomeOf(vendor, events.join('')));

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

describe('an error without anything around it', () => {
  const tooLong = "This model's maximum context length is 8192 tokens.";
  test.each<[Record<string, unknown>, Record<string, unknown>]>([
    [
      { message: 'overloaded', code: 503 },
      { kind: 'outage', status: 503 },
    ],
    [{ object: 'error', message: tooLong, type: 'BadRequestError', code: 400 }, { kind: 'context' }],
    [{ object: 'error', message: tooLong }, { kind: 'context' }],
    [{ message: 'Rate limit reached', code: 'rate_limit_exceeded' }, { kind: 'rate' }],
    [{ message: 'Insufficient credits', code: 402, choices: null }, { kind: 'money' }],
  ])('is read as an event of a stream on both interfaces: %j', async (event, expected) => {
    for (const vendor of ['custom', 'responses'] as const) {
      expect(await meet(vendor, sse(event))).toMatchObject({ ...expected, perhapsBilled: false });
      const late = await meet(vendor, vendor === 'custom' ? SAID : TAKEN + THINKS, sse(event));
      expect(late).toMatchObject(expected);
    }
  });

  test.each(['custom', 'responses'] as const)(
    'keeps its words beside an empty list of choices, in a whole answer of %s',
    async (vendor) => {
      const whole = (error: Record<string, unknown>) =>
        outcomeOf(vendor, JSON.stringify({ error, choices: [] }), 'application/json');
      const long = failed(await whole({ message: tooLong, code: 400 }));
      expect(long).toMatchObject({ kind: 'context', perhapsBilled: false });
      expect(long.message).toContain(tooLong);
      expect(failed(await whole({ message: 'Slow down', code: 429 }))).toMatchObject({ kind: 'rate' });
    },
  );

  test('is none where a server says with every event that all is well', async () => {
    const well = { code: 0, message: 'Success', sid: 'x' };
    const usage = { prompt_tokens: 5, completion_tokens: 1, total_tokens: 6 };
    const end = { choices: [{ delta: {}, finish_reason: 'stop' }] };
    const said = [{ ...well }, { choices: [{ delta: { content: 'hi' } }] }, end, { ...well, usage }];
    const outcome = await outcomeOf('custom', said.map((each) => sse(each)).join(''));
    expect(replied(outcome).message.parts).toEqual([{ type: 'text', text: 'hi' }]);
    const whole = { error: null, choices: [{ message: { content: 'hi' }, finish_reason: 'stop' }], usage };
    const plain = await outcomeOf('custom', JSON.stringify(whole), 'application/json');
    expect(replied(plain).message.parts).toEqual([{ type: 'text', text: 'hi' }]);
  });
});
