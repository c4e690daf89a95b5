import { describe, expect, test } from 'vitest';
import type { AssistantMessage, ChatMessage } from '../../../src/factory/model/message.ts';
import { type OpenaiForm, toOpenaiBody } from '../../../src/llm/wire/openai.ts';
import { createOpenaiReader } from '../../../src/llm/wire/openai-stream.ts';

const SOURCE = { vendor: 'custom:host', model: 'm' };
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

function heard(deltas: readonly object[]): AssistantMessage {
  let id = 0;
  const newId = () => {
    id += 1;
    return String(id);
  };
  const reader = createOpenaiReader(newId, SOURCE);
  for (const delta of deltas) reader.add({ choices: [{ index: 0, delta, finish_reason: null }] });
  return reader.state().message;
}

/** The assistant's message as it goes back. */
function back(message: AssistantMessage, form: Partial<OpenaiForm> = {}, model = 'm') {
  const messages: ChatMessage[] = [{ role: 'user', text: 'go' }, message];
  for (const part of message.parts) {
    if (part.type !== 'tool_call') continue;
    messages.push({ role: 'tool', callId: part.id, name: part.name, output: 'ok', isError: false });
  }
  const request = { model, system: '', messages, tools: [], maxOutputTokens: 9 };
  const body = toOpenaiBody(request, SOURCE.vendor, { ...FORM, ...form });
  return JSON.parse(JSON.stringify(body.messages.find(({ role }) => role === 'assistant') ?? {}));
}

const piece = (index: number, name: string, beside: object = {}) => ({
  tool_calls: [
    {
      index,
      id: `call_0123456789_${name}`,
      type: 'function',
      function: { name, arguments: '{}' },
      ...beside,
    },
  ],
});
const signed = (thought_signature: string) => ({ extra_content: { google: { thought_signature } } });

describe('fields beside calls and messages', () => {
  test.each<[string, object[], object[]]>([
    ['in the first piece', [piece(0, 'a', signed('S1')), piece(1, 'b')], [signed('S1'), {}]],
    [
      'under the same index for each',
      [piece(0, 'a', signed('S1')), piece(0, 'b', signed('S2'))],
      [signed('S1'), signed('S2')],
    ],
    [
      'in a piece of its own, after the arguments',
      [piece(0, 'a'), { tool_calls: [{ index: 0, function: { arguments: '' }, ...signed('S1') }] }],
      [signed('S1')],
    ],
    [
      'of a gateway, on the call and in its function',
      [
        {
          tool_calls: [
            {
              index: 0,
              id: 'call_0123456789_a',
              provider_specific_fields: { thought_signature: 'S1' },
              function: { name: 'a', arguments: '{}', provider_specific_fields: { x: [1] } },
            },
          ],
        },
      ],
      [
        {
          provider_specific_fields: { thought_signature: 'S1' },
          function: { provider_specific_fields: { x: [1] } },
        },
      ],
    ],
  ])('are kept with each call, %s', (_where, deltas, expected) => {
    const { tool_calls: calls } = back(heard(deltas));
    expect(calls).toHaveLength(expected.length);
    for (const [index, beside] of expected.entries()) expect(calls[index]).toMatchObject(beside);
    const other = JSON.stringify(back(heard(deltas), {}, 'another model'));
    expect(other).not.toMatch(/S\d|provider_specific|extra_content/);
  });

  test('that say nothing are not kept', () => {
    const call = piece(0, 'a', { custom: null, note: '', extra_content: {} });
    expect(heard([call]).parts).toEqual([
      { type: 'tool_call', id: 'call_0123456789_a', name: 'a', arguments: '{}' },
    ]);
  });

  test.each<[string, object[], object]>([
    [
      'reasoning_content',
      [{ reasoning_content: 'I ' }, { reasoning_content: 'see' }],
      { reasoning_content: 'I see' },
    ],
    ['reasoning', [{ reasoning: 'I ' }, { reasoning: 'see' }], { reasoning: 'I see' }],
    [
      'both, which are one thought',
      [{ reasoning: 'I see', reasoning_content: 'I see' }],
      { reasoning_content: 'I see' },
    ],
    ['a signature of a message', [{ content: 'x' }, signed('S')], signed('S')],
    [
      'details, put together in order',
      [
        { reasoning: 'a', reasoning_details: [{ type: 'reasoning.text', index: 0, text: 'a', format: 'f' }] },
        { reasoning: 'b', reasoning_details: [{ type: 'reasoning.text', index: 0, text: 'b' }] },
        { reasoning_details: [{ type: 'reasoning.text', index: 0, signature: 'S', text: null }] },
        { reasoning_details: [{ type: 'reasoning.text', index: 2, text: 'c' }] },
        { reasoning_details: [{ type: 'reasoning.encrypted', index: 3, id: 'x', data: 'E1' }] },
        { reasoning_details: [{ type: 'reasoning.encrypted', index: 3, id: 'y', data: 'E2' }] },
      ],
      {
        reasoning_details: [
          { type: 'reasoning.text', index: 0, text: 'ab', format: 'f', signature: 'S' },
          { type: 'reasoning.text', index: 2, text: 'c' },
          { type: 'reasoning.encrypted', index: 3, id: 'x', data: 'E1' },
          { type: 'reasoning.encrypted', index: 3, id: 'y', data: 'E2' },
        ],
      },
    ],
    [
      'blocks without numbers, of which a signed one is whole',
      [
        { thinking_blocks: [{ type: 'thinking', thinking: 'a' }] },
        { thinking_blocks: [{ type: 'thinking', thinking: 'b', signature: 'S1' }] },
        { thinking_blocks: [{ type: 'thinking', thinking: 'c', signature: 'S2' }] },
        { thinking_blocks: [{ type: 'redacted_thinking', data: 'R' }] },
      ],
      {
        thinking_blocks: [
          { type: 'thinking', thinking: 'ab', signature: 'S1' },
          { type: 'thinking', thinking: 'c', signature: 'S2' },
          { type: 'redacted_thinking', data: 'R' },
        ],
      },
    ],
  ])('of a message go back to its own model alone: %s', (_what, deltas, expected) => {
    const message = heard([{ content: 'word' }, ...deltas]);
    const { role: _role, content: _content, ...beside } = back(message);
    expect(beside).toEqual(expected);
    expect(back(message, {}, 'another model')).toEqual({ role: 'assistant', content: expect.any(String) });
    expect(back(message, { keepThinking: false })).toEqual({
      role: 'assistant',
      content: expect.any(String),
    });
  });
});

test('calls that details of thoughts name keep their ids for their own model, and no two of a turn share one', () => {
  const called = (id: string) => ({ tool_calls: [{ id, function: { name: 'a', arguments: '{}' } }] });
  const detail = (id: string) => ({ reasoning_details: [{ type: 'reasoning.encrypted', id, data: 'E' }] });
  const message = heard([detail('tool_0_a'), called('tool_0_a'), called('tool_1_a')]);
  expect(back(message).tool_calls[0].id).toBe('tool_0_a');
  expect(back(message).tool_calls[1].id).not.toBe('tool_1_a');
  expect(back(message, {}, 'another model').tool_calls[0].id).not.toBe('tool_0_a');
  const twice = heard([
    detail('tool_0_a'),
    { tool_calls: [...called('tool_0_a').tool_calls, ...called('tool_0_a').tool_calls] },
  ]);
  const ids = back(twice).tool_calls.map(({ id }: { id: string }) => id);
  expect(new Set(ids).size).toBe(2);
});

describe('calls of other models, where an endpoint wants what they do not have', () => {
  const foreign = heard([{ content: 'word' }, piece(0, 'a'), piece(1, 'b')]);

  test('get the stand-in that the vendor named, on the first of several', () => {
    const { tool_calls: calls } = back(foreign, { wants: 'signature' });
    expect(calls[0]).toMatchObject(signed('skip_thought_signature_validator'));
    expect(calls[1]).not.toHaveProperty('extra_content');
    expect(back(foreign, { wants: 'reasoning' }).reasoning_content).toMatch(/\w/);
  });

  test('keep what they have', () => {
    const own = heard([{ reasoning_content: 'hm' }, piece(0, 'a', signed('S1'))]);
    expect(back(own, { wants: 'signature' }).tool_calls[0]).toMatchObject(signed('S1'));
    expect(back(own, { wants: 'reasoning' }).reasoning_content).toBe('hm');
  });

  test('are told as text where no stand-in is taken', () => {
    for (const wants of ['signature', 'reasoning'] as const) {
      const sent = back(foreign, { wants, lacking: 'told' });
      expect(sent).not.toHaveProperty('tool_calls');
      expect(sent.content).toContain('word\n[called a with {}]\n[called b with {}]');
    }
  });
});
