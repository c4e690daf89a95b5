import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assistantMessage } from '../../../src/factory/model/message.ts';
import { createAnthropicReader } from '../../../src/llm/wire/anthropic-stream.ts';
import { createOpenaiReader } from '../../../src/llm/wire/openai-stream.ts';

function counter(): () => string {
  let number = 0;
  return () => {
    number += 1;
    return String(number);
  };
}

describe('what compatible servers make of tool calls', () => {
  const readChunks = (deltas: unknown[]) => {
    const reader = createOpenaiReader(counter(), { vendor: 'custom:host', model: 'm' });
    for (const delta of deltas) reader.add({ choices: [{ delta }] });
    return reader
      .state()
      .message.parts.map((part) => (part.type === 'tool_call' ? `${part.name}(${part.arguments})` : part));
  };

  test.each([
    [
      'no index',
      [
        { tool_calls: [{ id: 'a', function: { name: 'one', arguments: '{"x"' } }] },
        { tool_calls: [{ function: { arguments: ':1}' } }] },
        { tool_calls: [{ id: 'b', function: { name: 'two', arguments: '{}' } }] },
      ],
    ],
    [
      'the same index for each call',
      [
        { tool_calls: [{ index: 0, id: 'a', function: { name: 'one', arguments: '{"x":1}' } }] },
        { tool_calls: [{ index: 0, id: 'b', function: { name: 'two', arguments: '{}' } }] },
      ],
    ],
    [
      'calls mixed with one another',
      [
        {
          tool_calls: [
            { index: 0, id: 'a', function: { name: 'one', arguments: '{"x"' } },
            { index: 1, id: 'b', function: { name: 'two' } },
          ],
        },
        {
          tool_calls: [
            { index: 1, function: { arguments: '{}' } },
            { index: 0, function: { arguments: ':1}' } },
          ],
        },
      ],
    ],
    [
      'names again in every piece',
      [
        { tool_calls: [{ index: 0, id: 'a', function: { name: 'one', arguments: '{"x"' } }] },
        { tool_calls: [{ index: 0, id: 'a', function: { name: 'one', arguments: ':1}' } }] },
        { tool_calls: [{ index: 1, id: 'b', function: { name: 'two' } }] },
      ],
    ],
    [
      'neither ids nor indexes',
      [
        { tool_calls: [{ function: { name: 'one', arguments: { x: 1 } } }] },
        { tool_calls: [{ function: { name: 'two', arguments: {} } }] },
      ],
    ],
    [
      'the index 0 and an empty id for all calls, in events of their own',
      [
        { tool_calls: [{ index: 0, id: '', function: { name: 'one', arguments: '{"x":1}' } }] },
        { tool_calls: [{ index: 0, id: '', function: { name: 'two', arguments: '{}' } }] },
      ],
    ],
    [
      'the index 0 and an empty id for all calls, in one event',
      [
        {
          tool_calls: [
            { index: 0, id: '', function: { name: 'one', arguments: '{"x":1}' } },
            { index: 0, id: '', function: { name: 'two', arguments: '{}' } },
          ],
        },
      ],
    ],
    [
      'the index 0 and an empty id, and pieces of arguments',
      [
        { tool_calls: [{ index: 0, id: '', function: { name: 'one', arguments: '' } }] },
        { tool_calls: [{ index: 0, function: { arguments: '{"x"' } }] },
        { tool_calls: [{ index: 0, function: { arguments: ':1}' } }] },
        { tool_calls: [{ index: 0, id: '', function: { name: 'two', arguments: '{}' } }] },
      ],
    ],
    [
      'one id for all calls',
      [
        { tool_calls: [{ id: 'x', function: { name: 'one', arguments: '{"x":1}' } }] },
        { tool_calls: [{ id: 'x', function: { name: 'two', arguments: '{}' } }] },
      ],
    ],
    [
      'numbers for ids, texts for indexes, arguments as objects',
      [
        { tool_calls: [{ index: '0', id: 7, function: { name: 'one', arguments: { x: 1 } } }] },
        { tool_calls: [{ index: '1', id: 8, function: { name: 'two', arguments: null } }] },
      ],
    ],
    [
      'a call beside the list, without a function around it',
      [
        { tool_calls: { name: 'one', arguments: '{"x":1}' } },
        { tool_calls: [{ name: 'two', arguments: '{}' }] },
      ],
    ],
    [
      'the name and id again at the end, without arguments',
      [
        { tool_calls: [{ index: 0, id: 'a', function: { name: 'one', arguments: '{"x":1}' } }] },
        { tool_calls: [{ index: 0, id: 'a', function: { name: 'one', arguments: '' } }] },
        { tool_calls: [{ index: 1, id: 'b', function: { name: 'two', arguments: '{}' } }] },
      ],
    ],
  ])('%s', (_name, deltas) => {
    expect(readChunks(deltas)).toEqual(['one({"x":1})', 'two({})']);
  });

  test('two calls that are the same are two calls', () => {
    const again = { tool_calls: [{ index: 0, id: '', function: { name: 'one', arguments: '{"x":1}' } }] };
    expect(readChunks([again, again])).toEqual(['one({"x":1})', 'one({"x":1})']);
  });

  test('reasoning is kept for the same endpoint', () => {
    expect(readChunks([{ reasoning_content: 'h' }, { reasoning_content: 'm' }, { content: 'x' }])).toEqual([
      { type: 'thinking', vendor: 'custom:host', model: 'm', data: { reasoning_content: 'hm' } },
      { type: 'text', text: 'x' },
    ]);
  });
});

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
