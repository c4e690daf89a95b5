import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChatMessage } from '../../../src/factory/model/message.ts';
import { toAnthropicBody } from '../../../src/llm/wire/anthropic.ts';
import type { ThinkingMode } from '../../../src/llm/wire/anthropic-thinking.ts';
import { parseAnthropic } from '../../support/model-server/formats/anthropic-format.ts';
import { sign } from '../../support/model-server/formats/anthropic-thinking.ts';
import { parseOpenai } from '../../support/model-server/formats/openai-format.ts';
import { anyConversation } from './conversations.ts';
import { ANTHROPIC_FORM, anthropic, call, openai, request, result, sent, user } from './wire-support.ts';

describe('any conversation', () => {
  test('is accepted by OpenAI, and by its compatible servers in every form', () => {
    fc.assert(
      fc.property(anyConversation, fc.boolean(), fc.boolean(), (messages, plain, keepThinking) => {
        expect(parseOpenai(openai(messages, { plain, keepThinking }), 'openrouter').refusal).toBeUndefined();
      }),
      { numRuns: 100 },
    );
  });

  test('is accepted by Anthropic, with tools and without', () => {
    fc.assert(
      fc.property(anyConversation, fc.boolean(), (messages, tools) => {
        const body = anthropic(messages, tools ? {} : { tools: [] });
        expect(parseAnthropic(body).refusal).toBeUndefined();
        const paused = messages.some(
          (each) => each.role === 'assistant' && each.paused?.vendor === 'anthropic',
        );
        if (!paused) expect(body.messages.at(-1).role).toBe('user');
        if (!tools) expect(JSON.stringify(body)).not.toMatch(/"type":"tool_(use|result)"/);
      }),
      { numRuns: 100 },
    );
  });

  test('is accepted by Anthropic however its thinking is asked for', () => {
    const form = fc.record({
      modes: fc.constantFrom<ThinkingMode[]>([], ['adaptive'], ['budget']),
      leading: fc.constantFrom('none' as const, 'last' as const, 'all' as const),
      keepThinking: fc.boolean(),
    });
    fc.assert(
      fc.property(anyConversation, form, fc.constantFrom(1_000, 8_000), (messages, over, maxOutputTokens) => {
        const asked = request(messages, { maxOutputTokens });
        const body = sent(toAnthropicBody(asked, { ...ANTHROPIC_FORM, ...over }));
        expect(parseAnthropic(body).refusal).toBeUndefined();
      }),
      { numRuns: 100 },
    );
  });

  test('a paused turn without thinking and its continuation are one, whose calls are told as text to a model with a budget', () => {
    const messages: ChatMessage[] = [
      user('go'),
      {
        role: 'assistant',
        parts: [{ type: 'text', text: 'first' }],
        paused: { vendor: 'anthropic', model: 'one' },
      },
      {
        role: 'assistant',
        parts: [
          {
            type: 'thinking',
            vendor: 'anthropic',
            model: 'one',
            data: { type: 'thinking', thinking: 'hm', signature: sign('one', 'hm') },
          },
          { type: 'tool_call', id: 'call_1', name: 'bash', arguments: '{}' },
        ],
      },
      result('call_1', 'done'),
    ];
    const form = {
      ...ANTHROPIC_FORM,
      modes: ['budget' as const],
      leading: 'none' as const,
      keepThinking: true,
    };
    const body = sent(toAnthropicBody(request(messages, { maxOutputTokens: 8_000 }), form));
    expect(parseAnthropic(body).refusal).toBeUndefined();
  });

  test('is accepted by those that want something back with every call, and shows nobody what another one gave', () => {
    const lacking = fc.constantFrom('stand_in' as const, 'told' as const);
    fc.assert(
      fc.property(anyConversation, lacking, (messages, how) => {
        const kimi = openai(messages, { wants: 'reasoning', lacking: how });
        expect(parseOpenai(kimi, 'kimi').refusal).toBeUndefined();
        const gemini = openai(messages, { wants: 'signature', lacking: how });
        expect(parseOpenai(gemini, 'gemini').refusal).toBeUndefined();
        for (const body of [kimi, gemini, anthropic(messages)])
          expect(JSON.stringify(body)).not.toContain('SECRET');
      }),
      { numRuns: 80 },
    );
  });

  test('holds no lone surrogate on the wire, neither in texts nor inside arguments', () => {
    fc.assert(
      fc.property(anyConversation, (messages) => {
        const texts: string[] = [];
        const collect = (_name: string, value: unknown) => {
          if (typeof value === 'string') texts.push(value);
          return value;
        };
        JSON.parse(JSON.stringify(anthropic(messages)), collect);
        const body = openai(messages);
        JSON.parse(JSON.stringify(body), collect);
        for (const message of body.messages) {
          for (const made of message.tool_calls ?? []) JSON.parse(made.function.arguments, collect);
        }
        expect(texts.filter((text) => Buffer.from(text).toString() !== text)).toEqual([]);
      }),
    );
  });

  test('keeps its wire form when it grows, so that prompt caches are found again', () => {
    fc.assert(
      fc.property(anyConversation, (messages) => {
        const before = openai([...messages, user('now')]).messages;
        const after = openai([
          ...messages,
          user('now'),
          call('new_call_0123456789'),
          result('new_call_0123456789', 'x'),
        ]);
        expect(after.messages.slice(0, before.length)).toEqual(before);
      }),
    );
  });
});

describe('from OpenAI to Anthropic and back', () => {
  const conversation: ChatMessage[] = [
    user('Fix the test.'),
    {
      role: 'assistant',
      parts: [
        { type: 'text', text: 'I look.' },
        { type: 'tool_call', id: 'call_AAAAAAAAAAAAAAAA', name: 'bash', arguments: '{"command": "ls"}' },
        { type: 'tool_call', id: 'call_BBBBBBBBBBBBBBBB', name: 'read_file', arguments: '{"path":"a"}' },
      ],
    },
    result('call_AAAAAAAAAAAAAAAA', 'a b'),
    { ...result('call_BBBBBBBBBBBBBBBB', 'no such file', true), name: 'read_file' } as ChatMessage,
    {
      role: 'assistant',
      parts: [
        {
          type: 'thinking',
          vendor: 'anthropic',
          model: 'one',
          data: { type: 'thinking', thinking: 'hm', signature: 's' },
        },
        { type: 'tool_call', id: 'toolu_01CCCCCCCCCC', name: 'bash', arguments: '{}' },
      ],
    },
    result('toolu_01CCCCCCCCCC', 'ok'),
    user('Go on.'),
  ];

  test('both vendors see the same conversation', () => {
    const strip = (messages: ReturnType<typeof parseOpenai>['conversation']) =>
      messages.map(({ isError: _isError, ...message }) => ({
        ...message,
        toolCalls: message.toolCalls.map((made) => ({ ...made, arguments: JSON.parse(made.arguments) })),
      }));
    const seenByOpenai = strip(parseOpenai(openai(conversation), 'openai').conversation);
    const seenByAnthropic = strip(parseAnthropic(anthropic(conversation)).conversation);
    expect(seenByAnthropic).toEqual(seenByOpenai);
    expect(seenByOpenai.map((message) => message.role)).toEqual([
      'user',
      'assistant',
      'tool',
      'tool',
      'assistant',
      'tool',
      'user',
    ]);
  });

  test('thinking goes to its own vendor and model only', () => {
    expect(JSON.stringify(anthropic(conversation))).toContain('"signature":"s"');
    expect(JSON.stringify(anthropic(conversation, { model: 'two' }))).not.toContain('signature');
    expect(JSON.stringify(openai(conversation))).not.toContain('signature');
  });

  test('an error of a tool is marked where the vendor has a mark', () => {
    const blocks = anthropic(conversation).messages[2].content;
    expect(blocks.map((block: { is_error?: boolean }) => block.is_error)).toEqual([undefined, true]);
  });

  test('results and the words after them are one message for Anthropic', () => {
    const messages = anthropic(conversation).messages;
    expect(messages.map((message: { role: string }) => message.role)).toEqual([
      'user',
      'assistant',
      'user',
      'assistant',
      'user',
    ]);
    expect(messages[4].content.map((block: { type: string }) => block.type)).toEqual(['tool_result', 'text']);
  });
});
