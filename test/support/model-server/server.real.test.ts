import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterEach, describe, expect, test } from 'vitest';
import {
  call,
  type ScriptedModel,
  type ScriptedModelOptions,
  sequence,
  startScriptedModel,
  taskIds,
} from './index.ts';

const open: ScriptedModel[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function start(options: ScriptedModelOptions): Promise<ScriptedModel> {
  const server = await startScriptedModel(options);
  open.push(server);
  return server;
}

const openai = (server: ScriptedModel, apiKey = 'sk-one') =>
  new OpenAI({ apiKey, baseURL: `${server.url}/v1`, maxRetries: 0 });
const anthropic = (server: ScriptedModel, apiKey = 'sk-ant-one') =>
  new Anthropic({ apiKey, baseURL: server.url, maxRetries: 0 });

const TOOL = { type: 'function' as const, function: { name: 'bash', parameters: { type: 'object' } } };

describe('the scripted model server', () => {
  test('speaks the OpenAI format, whole and streamed, to the official SDK', async () => {
    const server = await start({
      script: () => ({ text: 'Grüße 👋', ...call('bash', { command: 'ls "ä"' }) }),
    });
    const request = { model: 'gpt-4.1', messages: [{ role: 'user' as const, content: 'hi' }], tools: [TOOL] };
    const whole = await openai(server).chat.completions.create(request);
    expect(whole.choices[0]?.message.content).toBe('Grüße 👋');
    expect(whole.choices[0]?.finish_reason).toBe('tool_calls');

    const stream = openai(server).chat.completions.stream({
      ...request,
      stream_options: { include_usage: true },
    });
    const final = await stream.finalChatCompletion();
    expect(final.choices[0]?.message.content).toBe('Grüße 👋');
    const made = final.choices[0]?.message.tool_calls?.[0];
    expect(made?.type === 'function' && made.function.arguments).toBe('{"command":"ls \\"ä\\""}');
    expect(final.usage?.total_tokens).toBe(
      (final.usage?.prompt_tokens ?? 0) + (final.usage?.completion_tokens ?? 0),
    );
  });

  test('speaks the Anthropic format, whole and streamed, to the official SDK', async () => {
    const server = await start({
      script: () => ({ thinking: 'hm', text: 'Grüße 👋', ...call('bash', { command: 'ls' }) }),
    });
    const request = {
      model: 'claude-opus-4-6',
      max_tokens: 100,
      messages: [{ role: 'user' as const, content: 'hi' }],
    };
    const whole = await anthropic(server).messages.create(request);
    expect(whole.content.map((block) => block.type)).toEqual(['thinking', 'text', 'tool_use']);

    const final = await anthropic(server).messages.stream(request).finalMessage();
    expect(final.content).toEqual([
      expect.objectContaining({ type: 'thinking', thinking: 'hm' }),
      expect.objectContaining({ type: 'text', text: 'Grüße 👋' }),
      expect.objectContaining({ type: 'tool_use', name: 'bash', input: { command: 'ls' } }),
    ]);
    expect(final.stop_reason).toBe('tool_use');
    expect(final.usage.output_tokens).toBeGreaterThan(1);
  });

  test('bills every answer and says what was billed', async () => {
    const server = await start({
      script: () => ({ text: 'x', usage: { input: 1_000, cacheRead: 500, output: 100 } }),
      prices: { '*': { input: 2, output: 8, cacheRead: 0.5 } },
    });
    const messages = [{ role: 'user' as const, content: 'hi' }];
    const reply = await openai(server).chat.completions.create({ model: 'm', messages });
    expect(reply.usage?.prompt_tokens).toBe(1_500);
    expect(reply.usage?.prompt_tokens_details?.cached_tokens).toBe(500);
    expect(server.billed()).toBeCloseTo(0.00305, 10);
    expect(server.billed('sk-other')).toBe(0);
    expect(server.ledger[0]?.delivered).toBe(true);
  });

  test('a growing Anthropic conversation reads what it marked before', async () => {
    const server = await start({ script: () => ({ text: 'go on' }) });
    const mark = { cache_control: { type: 'ephemeral' as const } };
    const long = 'x'.repeat(8_000);
    const first = [{ role: 'user' as const, content: [{ type: 'text' as const, text: long, ...mark }] }];
    const one = await anthropic(server).messages.create({ model: 'c', max_tokens: 9, messages: first });
    expect(one.usage.cache_creation_input_tokens).toBeGreaterThan(1_900);
    expect(one.usage.cache_read_input_tokens).toBe(0);
    const two = await anthropic(server).messages.create({
      model: 'c',
      max_tokens: 9,
      messages: [
        { role: 'user', content: [{ type: 'text', text: long }] },
        { role: 'assistant', content: 'go on' },
        { role: 'user', content: [{ type: 'text', text: 'and?', ...mark }] },
      ],
    });
    expect(two.usage.cache_read_input_tokens).toBe(one.usage.cache_creation_input_tokens);
  });

  test('an empty account refuses and serves again after a top-up', async () => {
    const server = await start({
      script: () => ({ text: 'x', usage: { input: 100_000, output: 0 } }),
      prices: { '*': { input: 1, output: 1 } },
      credits: { 'sk-one': 1 },
    });
    const ask = () =>
      openai(server).chat.completions.create({ model: 'm', messages: [{ role: 'user', content: 'hi' }] });
    for (let index = 0; index < 10; index += 1) await ask();
    await expect(ask()).rejects.toMatchObject({ status: 429, code: 'insufficient_quota' });
    server.topUp('sk-one', 0.1);
    await ask();
    expect(server.billed()).toBeCloseTo(1.1, 9);
  });

  test('a sequence answers by the turns of the conversation and finds task ids in earlier results', async () => {
    const id = '5e1f0a4e-7d0c-4b3e-9d4a-0a1b2c3d4e5f';
    const server = await start({
      script: sequence([
        call('add_tasks', { tasks: [] }),
        (turn) => call('update_task', { id: taskIds(turn)[0] ?? '', status: 'completed' }),
      ]),
    });
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'work' }];
    const first = await openai(server).chat.completions.create({ model: 'm', messages });
    const message = first.choices[0]?.message;
    if (!message?.tool_calls?.[0]) throw new Error('no call');
    messages.push(message, { role: 'tool', tool_call_id: message.tool_calls[0].id, content: `made ${id}` });
    for (const _again of [1, 2]) {
      const second = await openai(server).chat.completions.create({ model: 'm', messages });
      const made = second.choices[0]?.message.tool_calls?.[0];
      expect(made?.type === 'function' && JSON.parse(made.function.arguments).id).toBe(id);
    }
  });

  test('refuses histories that the vendors refuse', async () => {
    const server = await start({ script: () => ({ text: 'x' }) });
    const orphan = openai(server).chat.completions.create({
      model: 'm',
      messages: [{ role: 'tool', tool_call_id: 'a', content: 'b' }],
    });
    await expect(orphan).rejects.toMatchObject({ status: 400 });
    const unanswered = anthropic(server).messages.create({
      model: 'c',
      max_tokens: 9,
      messages: [
        { role: 'user', content: 'hi' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'bash', input: {} }] },
        { role: 'user', content: 'and?' },
      ],
    });
    await expect(unanswered).rejects.toThrow(/tool_use/);
  });

  test('twenty delayed answers at once raise no warning and end when the server closes', async () => {
    const warnings: Error[] = [];
    const listen = (warning: Error) => warnings.push(warning);
    process.on('warning', listen);
    const server = await start({ script: () => ({ text: 'x', delayMs: 60_000 }) });
    const asked = Array.from({ length: 20 }, () =>
      openai(server)
        .chat.completions.create({ model: 'm', messages: [{ role: 'user', content: 'hi' }] })
        .catch((problem: unknown) => problem),
    );
    await expect.poll(() => server.ledger.length).toBe(20);
    await server.close();
    open.length = 0;
    for (const problem of await Promise.all(asked)) expect(problem).toBeInstanceOf(Error);
    process.off('warning', listen);
    expect(warnings).toEqual([]);
  });
});
