import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChatMessage } from '../../../src/factory/model/message.ts';
import type { ModelRequest } from '../../../src/factory/ports.ts';
import { toOpenaiBody } from '../../../src/llm/wire/openai.ts';
import { type ResponsesForm, toResponsesBody } from '../../../src/llm/wire/responses.ts';
import { parseResponses } from '../../support/model-server/formats/responses-format.ts';
import { createSeal } from '../../support/model-server/sealed-reasoning.ts';
import { anyConversation } from './conversations.ts';

const VENDOR = 'openai:responses:main';
const TOOLS = [
  {
    name: 'bash',
    description: 'Runs a command.',
    parameters: { type: 'object', properties: { command: {}, cwd: {} }, required: ['command'] },
  },
];
const FORM: ResponsesForm = {
  keepThinking: true,
  stream: true,
  cacheKey: true,
  parallelCalls: true,
  toolChoice: true,
  plain: false,
  refused: new Set(),
};
const seal = createSeal();
const user = (text: string): ChatMessage => ({ role: 'user', text });
const result = (callId: string): ChatMessage => ({
  role: 'tool',
  callId,
  name: 'bash',
  output: 'x',
  isError: false,
});
const call = (id: string) => ({ type: 'tool_call' as const, id, name: 'bash', arguments: '{}' });
const reasoning = (id: string, extra: Record<string, unknown> = {}) => ({
  type: 'thinking' as const,
  vendor: VENDOR,
  model: 'gpt-5.1',
  data: { type: 'reasoning', id, summary: [], encrypted_content: seal.close('owner', id, 'hm'), ...extra },
});
const assistant = (...parts: Extract<ChatMessage, { role: 'assistant' }>['parts']): ChatMessage => ({
  role: 'assistant',
  parts,
});

const request = (messages: readonly ChatMessage[], fields: Partial<ModelRequest> = {}): ModelRequest => ({
  ...{ model: 'gpt-5.1', system: 'You are an engineer.', messages, tools: TOOLS, maxOutputTokens: 1_000 },
  ...fields,
});
const body = (
  messages: readonly ChatMessage[],
  fields: Partial<ModelRequest> = {},
  form: Partial<ResponsesForm> = {},
) => JSON.parse(JSON.stringify(toResponsesBody(request(messages, fields), VENDOR, { ...FORM, ...form })));
const refusalOf = (sent: Record<string, unknown>) => parseResponses(sent, 'owner', seal).refusal;
const types = (sent: { input: { type: string }[] }) => sent.input.map((item) => item.type);

describe('a request on the Responses interface', () => {
  test('is accepted whatever the conversation, with tools and without, also as plain text', () => {
    fc.assert(
      fc.property(anyConversation, fc.boolean(), fc.boolean(), (messages, plain, tools) => {
        expect(refusalOf(body(messages, tools ? {} : { tools: [] }, { plain }))).toBeUndefined();
      }),
      { numRuns: 100 },
    );
  });

  test('keeps its items when the conversation grows, so that prompt caches are found again', () => {
    fc.assert(
      fc.property(anyConversation, (messages) => {
        const before = body([...messages, user('now')]).input;
        const after = body([
          ...messages,
          user('now'),
          assistant(call('call_new_0123456789')),
          user('more'),
        ]).input;
        expect(after.slice(0, before.length)).toEqual(before);
      }),
    );
  });

  test('stores nothing, asks for encrypted reasoning, and says what its tools, limit and cache are', () => {
    const fields = { cacheKey: 'df-1', toolRequired: true };
    expect(body([user('go')], fields, { effort: 'high' })).toEqual({
      model: 'gpt-5.1',
      instructions: 'You are an engineer.',
      input: [{ type: 'message', role: 'user', content: 'go' }],
      tools: [{ type: 'function', ...TOOLS[0], strict: false }],
      tool_choice: 'required',
      parallel_tool_calls: true,
      store: false,
      stream: true,
      include: ['reasoning.encrypted_content'],
      max_output_tokens: 1_000,
      reasoning: { effort: 'high' },
      prompt_cache_key: 'df-1',
    });
  });

  test('without tools or thinking asks for neither, and never for less than the vendor takes', () => {
    const fields = { tools: [], toolRequired: true, system: '', maxOutputTokens: 5 };
    expect(body([user('go')], fields, { keepThinking: false })).toEqual({
      model: 'gpt-5.1',
      input: [{ type: 'message', role: 'user', content: 'go' }],
      store: false,
      stream: true,
      max_output_tokens: 16,
    });
  });
});

describe('reasoning in the history of a Responses model', () => {
  const loop = (...parts: Parameters<typeof assistant>) => [
    user('go'),
    assistant(...parts),
    result('call_1'),
  ];

  test('goes back word for word, in its place before what it led to', () => {
    const first = reasoning('rs_1', { summary: [{ type: 'summary_text', text: 'I look.' }], later: 1 });
    const sent = body(
      loop(first, { type: 'text', text: 'I look.' }, reasoning('rs_2'), reasoning('rs_3'), call('call_1')),
    );
    expect(types(sent)).toEqual(
      ['message', 'reasoning', 'message', 'reasoning', 'reasoning', 'function_call'].concat(
        'function_call_output',
      ),
    );
    expect(sent.input[1]).toEqual(first.data);
  });

  test('whose follower is gone is never sent', () => {
    const cut = body([user('go'), assistant(call('call_1'), reasoning('rs_1')), result('call_1')]);
    expect(types(cut)).toEqual(['message', 'function_call', 'function_call_output']);
    const blank = body([user('go'), assistant(reasoning('rs_1'), { type: 'text', text: ' ' }), user('?')]);
    expect(types(blank)).toEqual(['message', 'message']);
    expect(refusalOf(cut)).toBeUndefined();
  });

  test('is shown to no other account, model or interface', () => {
    const messages = loop(reasoning('rs_1'), call('call_1'));
    const other = [
      body(messages, { model: 'gpt-5.2' }),
      toResponsesBody(request(messages), 'openai:responses:second', FORM),
      toOpenaiBody(request(messages), 'openai', {
        ...{ limitName: 'max_tokens', stream: true, streamOptions: true, cacheKey: false, toolChoice: true },
        ...{
          ids: 'common',
          plain: false,
          keepThinking: true,
          wants: 'nothing',
          lacking: 'stand_in',
          thisTurnOnly: false,
        },
      }),
    ];
    for (const sent of other) expect(JSON.stringify(sent)).not.toMatch(/rs_1|gAAAA/);
  });

  test('that was refused once is left out, and no other', () => {
    const messages = loop(reasoning('rs_1'), { type: 'text', text: 'a' }, reasoning('rs_2'), call('call_1'));
    const sent = body(messages, {}, { refused: new Set(['rs_1']) });
    expect(types(sent)).toEqual(['message', 'message', 'reasoning', 'function_call', 'function_call_output']);
  });

  test('a text keeps its phase, and the next one gets none', () => {
    const phase = {
      ...{ type: 'thinking' as const, vendor: VENDOR, model: 'gpt-5.1' },
      data: { type: 'phase', phase: 'commentary' },
    };
    const said = (text: string) => ({ type: 'text' as const, text });
    const sent = body([user('go'), assistant(phase, said('I look.'), said('I found it.')), user('?')]);
    expect(sent.input.slice(1, 3)).toEqual([
      { type: 'message', role: 'assistant', content: 'I look.', phase: 'commentary' },
      { type: 'message', role: 'assistant', content: 'I found it.' },
    ]);
  });
});
