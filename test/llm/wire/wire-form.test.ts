import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toOpenaiBody } from '../../../src/llm/wire/openai.ts';
import { anyConversation } from './conversations.ts';
import { anthropic, call, FORM, openai, request, result, sent, user } from './wire-support.ts';

describe("marks for Anthropic's cache", () => {
  const marks = (body: { tools: object[]; system: object[]; messages: { content: object[] }[] }) => ({
    tools: body.tools.map((tool) => 'cache_control' in tool),
    system: body.system.map((block) => 'cache_control' in block),
    messages: body.messages.map((message) => message.content.map((block) => 'cache_control' in block)),
  });

  test('stand on the last tool, the system text and the two newest user messages', () => {
    const body = anthropic([
      user('a'),
      call('call_1'),
      result('call_1', 'x'),
      call('call_2'),
      result('call_2', 'y'),
      user('b'),
    ]);
    expect(marks(body)).toEqual({
      tools: [true],
      system: [true],
      messages: [[false], [false], [true], [false], [false, true]],
    });
  });

  test('are never more than four', () => {
    fc.assert(
      fc.property(anyConversation, (messages) => {
        expect(
          (JSON.stringify(anthropic(messages)).match(/"cache_control":\{/g) ?? []).length,
        ).toBeLessThanOrEqual(4);
      }),
    );
  });
});

describe('the form of an endpoint', () => {
  test('names the output limit and asks for usage as the endpoint wants it', () => {
    expect(openai([user('a')], { limitName: 'max_completion_tokens' })).toMatchObject({
      max_completion_tokens: 1_000,
      stream_options: { include_usage: true },
    });
    const older = openai([user('a')], { streamOptions: false });
    expect(older).toMatchObject({ max_tokens: 1_000 });
    expect(older).not.toHaveProperty('stream_options');
  });

  test('gives the key of a prompt cache to OpenAI alone, and makes the model call a tool where that is known', () => {
    const asked = request([user('a')], { cacheKey: 'df-1', toolRequired: true });
    const own = toOpenaiBody(asked, 'openai', { ...FORM, cacheKey: true });
    expect(own).toMatchObject({ prompt_cache_key: 'df-1', tool_choice: 'required' });
    const other = sent(toOpenaiBody(asked, 'custom:host', { ...FORM, toolChoice: false }));
    for (const name of ['prompt_cache_key', 'tool_choice']) expect(other).not.toHaveProperty(name);
  });

  test('without tools and system text leaves both out', () => {
    const body = sent(toOpenaiBody(request([user('a')], { tools: [], system: '' }), 'openai', FORM));
    expect(body).not.toHaveProperty('tools');
    expect(body.messages).toHaveLength(1);
    const other = anthropic([user('a')], { tools: [], system: ' ' });
    expect(other).not.toHaveProperty('tools');
    expect(other).not.toHaveProperty('system');
  });
});
