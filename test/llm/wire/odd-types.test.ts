import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assistantMessage } from '../../../src/factory/model/message.ts';
import { createAnthropicReader } from '../../../src/llm/wire/anthropic-stream.ts';
import { createOpenaiReader } from '../../../src/llm/wire/openai-stream.ts';
import { counter } from './compatible-support.ts';

describe('what has another type than it should have', () => {
  const openai = (...events: unknown[]) => {
    const reader = createOpenaiReader(counter());
    for (const event of events) reader.add(event);
    return reader.state();
  };
  const said = { choices: [{ delta: { content: 'hello world' }, finish_reason: 'stop' }] };

  test.each([
    ['null', null],
    ['a text', 'hello world'],
    [
      'parts',
      [
        { type: 'text', text: 'hello ' },
        { type: 'text', text: 'world' },
      ],
    ],
    ['one part', { type: 'text', text: 'hello world' }],
  ])('content as %s is read', (_what, content) => {
    const text = content === null ? [] : [{ type: 'text', text: 'hello world' }];
    expect(openai({ choices: [{ message: { content } }] }).message.parts).toEqual(text);
  });

  test.each([
    ['missing', undefined],
    ['null', null],
    ['a text', 'none'],
    ['empty', {}],
    ['full of nulls', { prompt_tokens: null, completion_tokens: null }],
    ['zero', { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }],
    ['beyond all', { prompt_tokens: 1e300, completion_tokens: 1 }],
    ['negative', { prompt_tokens: -5, completion_tokens: -1 }],
  ])('usage that is %s is no usage, and never means that nothing was billed', (_what, usage) => {
    expect(openai(said, { choices: [], usage }).usage).toBeUndefined();
  });

  test('usage in texts, and beside the choice, counts', () => {
    const usage = { prompt_tokens: '100', completion_tokens: '7' };
    expect(openai(said, { usage }).usage).toMatchObject({ input: 100, output: 7 });
    expect(openai(said, { choices: [{ usage }] }).usage).toMatchObject({ input: 100, output: 7 });
  });

  test('words that cost no output are counted by their length', () => {
    expect(openai(said, { usage: { prompt_tokens: 9 } }).usage?.output).toBeGreaterThan(1);
  });

  test.each([
    ['content_filter', 'refusal'],
    ['content_filter: RECITATION', 'refusal'],
    ['SAFETY', 'refusal'],
    ['sensitive', 'refusal'],
    ['length', 'max_tokens'],
    ['eos', 'end'],
    ['network_error', undefined],
    ['insufficient_system_resource', undefined],
    ['', undefined],
    [null, undefined],
    [{ reason: 'stop' }, undefined],
  ])('the reason %o to stop means %s', (finish_reason, stop) => {
    expect(openai({ choices: [{ delta: { content: 'x' }, finish_reason }] }).stop).toBe(stop);
  });

  test('no value at all makes a reader throw, and what it says is a message', () => {
    const names = [
      'choices',
      'delta',
      'message',
      'content',
      'tool_calls',
      'function',
      'name',
      'arguments',
    ].concat([
      'id',
      'index',
      'usage',
      'prompt_tokens',
      'finish_reason',
      'type',
      'content_block',
      'input',
      'stop_reason',
    ]);
    const types = [
      'message_start',
      'content_block_start',
      'content_block_delta',
      'message_delta',
      'tool_use',
      'text',
    ];
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 6 },
        fc.constantFrom(null, 0, 1, '', '{}', true, ...types),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...names), tie('tree'), { maxKeys: 5 }),
      ),
    }));
    const event = fc.oneof(
      tree,
      fc.record({
        type: fc.constantFrom(...types),
        index: tree,
        content_block: tree,
        delta: tree,
        message: tree,
        usage: tree,
      }),
      fc.record({ choices: fc.array(fc.record({ delta: tree, finish_reason: tree })), usage: tree }),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 4 }), (events) => {
        for (const reader of [
          createOpenaiReader(counter()),
          createAnthropicReader(counter(), { vendor: 'anthropic', model: 'm' }),
        ]) {
          for (const each of events) reader.add(each);
          expect(assistantMessage.safeParse(reader.state().message).success).toBe(true);
        }
      }),
    );
  });
});
