import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChatMessage } from '../../../src/factory/model/message.ts';
import type { ModelRequest } from '../../../src/factory/ports.ts';
import { type AnthropicForm, toAnthropicBody } from '../../../src/llm/wire/anthropic.ts';
import type { ThinkingMode } from '../../../src/llm/wire/anthropic-thinking.ts';
import { createIdMapper } from '../../../src/llm/wire/ids.ts';
import { INTERRUPTED } from '../../../src/llm/wire/normalise.ts';
import { type OpenaiForm, toOpenaiBody } from '../../../src/llm/wire/openai.ts';
import { parseAnthropic } from '../../support/model-server/formats/anthropic-format.ts';
import { sign } from '../../support/model-server/formats/anthropic-thinking.ts';
import { parseOpenai } from '../../support/model-server/formats/openai-format.ts';
import { anyConversation } from './conversations.ts';

const TOOLS = [{ name: 'bash', description: 'Runs a command.', parameters: { type: 'object' } }];
const request = (messages: readonly ChatMessage[], fields: Partial<ModelRequest> = {}): ModelRequest => ({
  model: 'one',
  system: 'You are an engineer.',
  messages,
  tools: TOOLS,
  maxOutputTokens: 1_000,
  ...fields,
});

const FORM: OpenaiForm = {
  limitName: 'max_tokens',
  stream: true,
  streamOptions: true,
  cacheKey: false,
  toolChoice: true,
  ids: 'common',
  plain: false,
  keepThinking: true,
  wants: 'nothing',
  lacking: 'stand_in',
  thisTurnOnly: false,
};
const ANTHROPIC_FORM: AnthropicForm = {
  vendor: 'anthropic',
  modes: [],
  budgetFor: 'medium',
  keepThinking: true,
  leading: 'none',
  plain: false,
  toolChoice: true,
  longCache: true,
};
/** What goes over the wire: JSON, with what is undefined left out. */
const sent = (body: unknown) => JSON.parse(JSON.stringify(body));
const openai = (messages: readonly ChatMessage[], form: Partial<OpenaiForm> = {}) =>
  sent(toOpenaiBody(request(messages), 'openai', { ...FORM, ...form }));
const anthropic = (messages: readonly ChatMessage[], fields: Partial<ModelRequest> = {}) =>
  sent(toAnthropicBody(request(messages, fields), ANTHROPIC_FORM));

const call = (id: string, args = '{"command":"ls"}'): ChatMessage => ({
  role: 'assistant',
  parts: [{ type: 'tool_call', id, name: 'bash', arguments: args }],
});
const result = (callId: string, output: string, isError = false): ChatMessage => ({
  role: 'tool',
  callId,
  name: 'bash',
  output,
  isError,
});
const user = (text: string): ChatMessage => ({ role: 'user', text });

describe('any conversation', () => {
  test('is accepted by OpenAI, and by its compatible servers in every form', () => {
    fc.assert(
      fc.property(anyConversation, fc.boolean(), fc.boolean(), (messages, plain, keepThinking) => {
        expect(parseOpenai(openai(messages, { plain, keepThinking }), 'openrouter').refusal).toBeUndefined();
      }),
      { numRuns: 500 },
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
      { numRuns: 500 },
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
      { numRuns: 500 },
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
      { numRuns: 300 },
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
        for (const text of texts) expect(Buffer.from(text).toString()).toBe(text);
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

describe('what a crash or a confused model leaves', () => {
  test('a call without a result is answered as interrupted', () => {
    const body = openai([user('go'), call('call_1'), user('and?')]);
    expect(body.messages[3]).toEqual({ role: 'tool', tool_call_id: 'call_1', content: INTERRUPTED });
    expect(body.messages[4]).toEqual({ role: 'user', content: 'and?' });
  });

  test('a note between call and result comes after the result', () => {
    const body = openai([user('go'), call('call_1'), user('note'), result('call_1', 'done')]);
    expect(body.messages.slice(3).map((message: { content: string }) => message.content)).toEqual([
      'done',
      'note',
    ]);
  });

  test('a result whose call was summarised away is told as text', () => {
    const body = openai([user('summary'), result('gone', 'output')]);
    expect(body.messages[2].content).toContain('output');
    expect(body.messages[2].role).toBe('user');
  });

  test('malformed arguments stay readable for the model and acceptable for the vendor', () => {
    const messages = [user('go'), call('call_1', '{"command": "ls'), result('call_1', 'bad arguments', true)];
    expect(anthropic(messages).messages[1].content[0].input).toEqual({
      malformed_arguments: '{"command": "ls',
    });
    expect(JSON.parse(openai(messages).messages[2].tool_calls[0].function.arguments)).toEqual({
      malformed_arguments: '{"command": "ls',
    });
  });

  test('well-formed arguments go to OpenAI word for word', () => {
    const body = openai([user('go'), call('call_1', '{ "command":  "ls" }'), result('call_1', 'x')]);
    expect(body.messages[2].tool_calls[0].function.arguments).toBe('{ "command":  "ls" }');
  });

  test('a conversation that ends with the assistant is asked to go on', () => {
    const said: ChatMessage = { role: 'assistant', parts: [{ type: 'text', text: 'Done.' }] };
    expect(openai([user('go'), said]).messages.at(-1).role).toBe('user');
    expect(anthropic([said]).messages.map((message: { role: string }) => message.role)).toEqual([
      'user',
      'assistant',
      'user',
    ]);
  });
});

describe('ids of calls', () => {
  test('those that fit stay, others become short hashes, always the same ones', () => {
    const map = createIdMapper('common');
    expect(map('toolu_01AbC')).toBe('toolu_01AbC');
    const hashed = map('ünïcode with spaces');
    expect(hashed).toMatch(/^call_[0-9a-f]{24}$/);
    const again = createIdMapper('common');
    again('toolu_01AbC');
    expect(again('ünïcode with spaces')).toBe(hashed);
  });

  test('no two calls of a conversation share one, under every rule', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('call_0', 'abcdefghi', 'x'.repeat(50), '')),
        fc.constantFrom('common' as const, 'nine' as const),
        (ids, rule) => {
          const mapped = ids.map(createIdMapper(rule));
          expect(new Set(mapped).size).toBe(ids.length);
          for (const id of mapped) expect(id).toMatch(rule === 'nine' ? /^[a-z0-9]{9}$/i : /^[\w-]{1,40}$/);
        },
      ),
    );
  });
});

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
