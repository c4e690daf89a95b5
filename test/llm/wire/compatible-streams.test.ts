import { describe, expect, test } from 'vitest';
import { createOpenaiReader } from '../../../src/llm/wire/openai-stream.ts';
import { counter } from './compatible-support.ts';

describe('tool calls of compatible servers', () => {
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
    [
      'another id with every piece',
      [
        { tool_calls: [{ index: 0, id: 'a', function: { name: 'one', arguments: '' } }] },
        { tool_calls: [{ index: 0, id: 'b', function: { arguments: '{"x"' } }] },
        { tool_calls: [{ index: 0, id: 'c', function: { arguments: ':1}' } }] },
        { tool_calls: [{ index: 1, id: 'd', function: { name: 'two', arguments: '' } }] },
        { tool_calls: [{ index: 1, id: 'e', function: { arguments: '{}' } }] },
      ],
    ],
    [
      'arguments of a second call before its name',
      [
        { tool_calls: [{ index: 0, id: 'a', function: { name: 'one', arguments: '{"x":1}' } }] },
        { tool_calls: [{ index: 1, id: 'b', function: { arguments: '{}' } }] },
        { tool_calls: [{ index: 1, id: 'b', function: { name: 'two', arguments: '' } }] },
      ],
    ],
    [
      'the id of a second call before its name, which comes alone',
      [
        { tool_calls: [{ index: 0, id: 'a', function: { name: 'one', arguments: '{"x":1}' } }] },
        { tool_calls: [{ index: 1, id: 'b', function: { arguments: '' } }] },
        { tool_calls: [{ index: 1, function: { name: 'two', arguments: '{}' } }] },
      ],
    ],
    [
      'the index 0 where a call begins, and another one where it goes on',
      [
        { tool_calls: [{ index: 0, id: 'a', function: { name: 'one', arguments: '' } }] },
        { tool_calls: [{ index: 0, function: { arguments: '{"x":1}' } }] },
        { tool_calls: [{ index: 0, id: 'b', function: { name: 'two', arguments: '' } }] },
        { tool_calls: [{ index: 1, function: { arguments: '{}' } }] },
      ],
    ],
    [
      'the same index for calls mixed with one another, each piece with its id',
      [
        { tool_calls: [{ index: 0, id: 'a', function: { name: 'one', arguments: '{"x"' } }] },
        { tool_calls: [{ index: 0, id: 'b', function: { name: 'two', arguments: '{' } }] },
        { tool_calls: [{ index: 0, id: 'a', function: { arguments: ':1}' } }] },
        { tool_calls: [{ index: 0, id: 'b', function: { arguments: '}' } }] },
      ],
    ],
    [
      'empty arguments before the arguments, which come in pieces',
      [
        { tool_calls: [{ index: 0, id: 'a', function: { name: 'one', arguments: '{}' } }] },
        { tool_calls: [{ index: 0, function: { arguments: '{"x"' } }] },
        { tool_calls: [{ index: 0, function: { arguments: ':1}' } }] },
        { tool_calls: [{ index: 1, id: 'b', function: { name: 'two', arguments: '{}' } }] },
      ],
    ],
    [
      'empty arguments before the arguments, in one text',
      [
        { tool_calls: [{ index: 0, id: 'a', function: { name: 'one', arguments: '{}{"x":1}' } }] },
        { tool_calls: [{ index: 0, id: 'b', function: { name: 'two', arguments: '{}' } }] },
      ],
    ],
  ])('are read in this form: %s', (_name, deltas) => {
    expect(readChunks(deltas)).toEqual(['one({"x":1})', 'two({})']);
  });

  const whole = (fields: Record<string, unknown>, given: unknown = '{"x":1}') => ({
    tool_calls: [{ index: 0, ...fields, function: { name: 'one', arguments: given } }],
  });

  test.each([
    ['without ids', [whole({ id: '' }), whole({ id: '' })]],
    ['with ids of their own', [whole({ id: 'a' }), whole({ id: 'b' })]],
    ['in one event', [{ tool_calls: [...whole({ id: 'a' }).tool_calls, ...whole({ id: 'a' }).tool_calls] }]],
  ])('two calls that are the same are two calls: %s', (_, deltas) => {
    expect(readChunks(deltas)).toEqual(['one({"x":1})', 'one({"x":1})']);
  });

  test.each([
    ['at its place', whole({ id: 'a' })],
    ['at another place', whole({ id: 'a', index: 3 })],
    ['in another spelling', whole({ id: 'a', index: 1 }, '{ "x": 1 }')],
    ['as an object', whole({ id: 'a', index: 1 }, { x: 1 })],
  ])('a call that is told again under its id is one call: %s', (_, again) => {
    const pieces = [
      whole({ id: 'a' }, '{"x"'),
      { tool_calls: [{ index: 0, function: { arguments: ':1}' } }] },
    ];
    expect(readChunks([whole({ id: 'a' }), again])).toEqual(['one({"x":1})']);
    expect(readChunks([...pieces, again])).toEqual(['one({"x":1})']);
  });

  test('calls that share an id and differ are all made', () => {
    const calls = [whole({ id: 'a' }), whole({ id: 'a' }, '{"x":2}')];
    expect(readChunks(calls)).toEqual(['one({"x":1})', 'one({"x":2})']);
  });

  test('reasoning is kept for the same endpoint', () => {
    expect(readChunks([{ reasoning_content: 'h' }, { reasoning_content: 'm' }, { content: 'x' }])).toEqual([
      { type: 'thinking', vendor: 'custom:host', model: 'm', data: { reasoning_content: 'hm' } },
      { type: 'text', text: 'x' },
    ]);
  });
});
