import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import { tokensOf } from '../../../src/factory/model/money/finance.ts';
import { call, modelForTest, type ScriptedModel, type ScriptedModelOptions } from '../model.ts';

const MODEL = 'gpt-5.1';
const TOOL = { type: 'function' as const, name: 'bash', parameters: { type: 'object' }, strict: false };
const THINKS: ScriptedModelOptions = {
  script: () => ({ thinking: 'hm', text: 'Grüße 👋', ...call('bash', { command: 'ls "ä"' }) }),
};
const client = (server: ScriptedModel, apiKey = 'sk-one') =>
  new OpenAI({ apiKey, baseURL: `${server.url}/v1`, maxRetries: 0 });

/** The body of a second request, with what the first one was answered. */
async function second(server: ScriptedModel): Promise<OpenAI.Responses.ResponseCreateParamsNonStreaming> {
  const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: 'go' }];
  const include = ['reasoning.encrypted_content' as const];
  const body = { model: MODEL, input, tools: [TOOL], store: false, include };
  const { output } = await client(server).responses.create(body);
  for (const item of output) {
    if (item.type !== 'reasoning' && item.type !== 'message' && item.type !== 'function_call') continue;
    input.push(item);
    if (item.type !== 'function_call') continue;
    input.push({ type: 'function_call_output', call_id: item.call_id, output: 'a' });
  }
  return body;
}

describe('the scripted Responses server', () => {
  test("speaks with the vendor's order of events to the official SDK, and bills what it says", async () => {
    const server = await modelForTest(THINKS);
    const stream = client(server).responses.stream({ model: MODEL, input: 'go', tools: [TOOL] });
    const seen: { type: string; sequence_number: number }[] = [];
    stream.on('event', (event) => seen.push(event));
    const final = await stream.finalResponse();
    expect(final.output_text).toBe('Grüße 👋');
    expect(final.output.map((item) => item.type)).toEqual(['reasoning', 'message', 'function_call']);
    expect(seen.map((event) => event.sequence_number)).toEqual(seen.map((_event, index) => index));
    const once = seen.map((event) => event.type).filter((type, index, all) => type !== all[index - 1]);
    expect(once).toEqual([
      ...['response.created', 'response.in_progress', 'response.output_item.added'],
      ...['response.output_item.done', 'response.output_item.added', 'response.content_part.added'],
      ...['response.output_text.delta', 'response.output_text.done', 'response.content_part.done'],
      ...[
        'response.output_item.done',
        'response.output_item.added',
        'response.function_call_arguments.delta',
      ],
      ...['response.function_call_arguments.done', 'response.output_item.done', 'response.completed'],
    ]);
    const billed = server.ledger[0]?.usage;
    expect(final.usage?.total_tokens).toBe(billed && tokensOf(billed));
  });

  test('takes its own items back, and caches what has the same cache key', async () => {
    const server = await modelForTest(THINKS);
    const body = await second(server);
    for (const prompt_cache_key of ['a', 'b', 'a']) {
      await client(server).responses.create({ ...body, prompt_cache_key, instructions: 'x'.repeat(8_000) });
    }
    expect(server.ledger.map(({ usage }) => usage.cacheRead > 0)).toEqual([false, false, false, true]);
  });

  type Change = (body: Record<string, unknown> & { input: Record<string, unknown>[] }) => unknown;
  const without =
    (type: string): Change =>
    (body) => ({
      ...body,
      input: body.input.filter((item) => item.type !== type),
    });
  test.each<[string, Change, RegExp]>([
    ['a call without its output', without('function_call_output'), /No tool output found for function call/],
    ['an output without its call', without('function_call'), /No tool call found for function call output/],
    [
      'a reasoning item without its follower',
      (body) => ({ ...body, input: body.input.slice(0, 2) }),
      /without its required following item/,
    ],
    [
      'a reasoning item whose content was changed',
      (body) => ({
        ...body,
        input: body.input.map((item) =>
          item.type === 'reasoning' ? { ...item, encrypted_content: `${item.encrypted_content}x` } : item,
        ),
      }),
      /encrypted content .* could not be verified/,
    ],
    ['the reasoning of another model', (body) => ({ ...body, model: 'gpt-5.2' }), /could not be verified/],
    [
      'a reasoning item without content, which was not stored',
      (body) => ({
        ...body,
        input: body.input.map(({ encrypted_content: _content, ...item }) => item),
      }),
      /not found.*not persisted/s,
    ],
    [
      'a parameter of the other interface',
      (body) => ({ ...body, max_tokens: 100 }),
      /Unknown parameter: 'max_t/,
    ],
    [
      'a field that an item does not have',
      (body) => ({ ...body, input: [{ role: 'user', content: 'a', reasoning_content: 'b' }] }),
      /Unknown parameter: 'input\[0\]\.reasoning_content'/,
    ],
    [
      'a temperature for a reasoning model',
      (body) => ({ ...body, temperature: 0 }),
      /'temperature' is not supp/,
    ],
    ['an empty list of tools', (body) => ({ ...body, tools: [] }), /empty array/],
    ['too small a limit', (body) => ({ ...body, max_output_tokens: 15 }), />= 16/],
    [
      'encrypted reasoning of a model that has none',
      (body) => ({ ...body, input: 'go', model: 'gpt-4.1' }),
      /Encrypted content is not supported/,
    ],
    [
      'an optional argument in a tool that is strict by default',
      (body) => ({
        ...body,
        tools: [{ type: 'function', name: 'a', parameters: { type: 'object', properties: { b: {} } } }],
      }),
      /'required' is required/,
    ],
  ])('refuses %s', async (_what, change, words) => {
    const server = await modelForTest(THINKS);
    const body = structuredClone(await second(server));
    const changed = change(body as unknown as Parameters<Change>[0]);
    const asked = client(server).responses.create(changed as typeof body);
    await expect(asked).rejects.toThrow(words);
    expect(server.ledger).toHaveLength(1);
  });

  test('refuses the reasoning of another account, and chat completions of models that have none', async () => {
    const server = await modelForTest(THINKS);
    const body = await second(server);
    await expect(client(server, 'sk-two').responses.create(body)).rejects.toThrow(/could not be verified/);
    const chat = { messages: [{ role: 'user' as const, content: 'go' }] };
    for (const model of ['gpt-5.1-codex-max', 'o3-pro']) {
      await expect(client(server).chat.completions.create({ ...chat, model })).rejects.toMatchObject({
        status: 404,
        message: expect.stringContaining('only supported in v1/responses'),
      });
    }
    await client(server).chat.completions.create({ ...chat, model: 'gpt-5.1' });
  });
});
