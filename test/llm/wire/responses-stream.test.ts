import { describe, expect, test } from 'vitest';
import { added, CALL, done, ended, pieceOf, read, THINKING, USAGE } from './responses-events.ts';

const part = (args: string) => ({
  type: 'tool_call',
  id: CALL.call_id,
  name: 'bash',
  arguments: args,
});

describe('the events of a Responses stream', () => {
  test('become reasoning, words and parallel calls in the order of the output, with usage in four buckets', () => {
    const thought = { id: 'rs_1', type: 'reasoning', summary: [], encrypted_content: 'gAAAAx', status: null };
    const second = { ...CALL, id: 'fc_2', call_id: 'call_fedcba9876543210' };
    const state = read(
      { type: 'response.created', response: { status: 'in_progress', usage: null, error: null } },
      added(0, { id: 'rs_1', type: 'reasoning', summary: [] }),
      done(0, thought),
      added(1, { id: 'msg_1', type: 'message', content: [], phase: 'commentary' }),
      pieceOf('output_text', 1, 'I lo'),
      pieceOf('output_text', 1, 'ok.'),
      added(3, second),
      added(2, CALL),
      pieceOf('function_call_arguments', 2, '{"command":'),
      pieceOf('function_call_arguments', 3, '{}'),
      pieceOf('function_call_arguments', 2, '"ls"}'),
      ended('completed'),
    );
    expect(state.message.parts).toEqual([
      {
        type: 'thinking',
        ...THINKING,
        data: { id: 'rs_1', type: 'reasoning', summary: [], encrypted_content: 'gAAAAx' },
      },
      { type: 'thinking', ...THINKING, data: { type: 'phase', phase: 'commentary' } },
      { type: 'text', text: 'I look.' },
      part('{"command":"ls"}'),
      { ...part('{}'), id: second.call_id },
    ]);
    expect(state.stop).toBe('tool_calls');
    expect(state.usage).toEqual({ input: 132, cacheRead: 768, cacheWrite: 100, output: 90 });
  });

  test('reasoning that nobody could read again is left out, that of open models is kept', () => {
    const bare = { id: 'rs_1', type: 'reasoning', summary: [] };
    const open = { ...bare, content: [{ type: 'reasoning_text', text: 'hm' }] };
    const kept = (item: Record<string, unknown>) => read(done(0, item), ended('completed')).message.parts;
    expect(kept(bare)).toEqual([]);
    expect(kept({ ...bare, encrypted_content: null })).toEqual([]);
    expect(kept(open)).toMatchObject([{ type: 'thinking', data: open }]);
  });

  test.each([
    ['only whole items', [done(0, { ...CALL, arguments: '{"a":1}' }), ended('completed')]],
    ['only the response at the end', [ended('completed', { output: [{ ...CALL, arguments: '{"a":1}' }] })]],
    [
      'no places',
      [
        { type: 'response.output_item.added', item: CALL },
        { type: 'response.function_call_arguments.delta', item_id: 'fc_1', delta: '{"a":' },
        { type: 'response.function_call_arguments.delta', delta: '1}' },
        ended('completed'),
      ],
    ],
    [
      'arguments at their end alone',
      [
        added(0, CALL),
        { type: 'response.function_call_arguments.done', output_index: 0, arguments: '{"a":1}' },
        ended('completed'),
      ],
    ],
    ['arguments as an object', [done(0, { ...CALL, arguments: { a: 1 } }), ended('completed')]],
    [
      'a response without a stream',
      [
        {
          object: 'response',
          status: 'completed',
          usage: USAGE,
          output: [{ ...CALL, arguments: '{"a":1}' }],
        },
      ],
    ],
  ])('from a server that sends %s are the same call', (_what, events) => {
    const state = read(...events);
    expect(state.message.parts).toEqual([part('{"a":1}')]);
    expect(state).toMatchObject({ stop: 'tool_calls', usage: { output: 90 } });
  });
});

test.each([
  [
    'gives all items one place',
    (at: number) => ({ at: 0, ids: ['fc_1', 'fc_2'].map((id) => [id, id]), of: at }),
  ],
  [
    'changes the ids from event to event',
    (at: number) => ({ at, ids: ['a', 'b'].map((id) => [id, `${id}'`]), of: at }),
  ],
])('a server that %s sends two calls', (_what, how) => {
  const events = [0, 1].flatMap((which) => {
    const { at, ids } = how(which);
    const [id, later] = ids[which] ?? [];
    const item = { ...CALL, id, call_id: `call_0123456789abcde${which}` };
    return [
      added(at, item),
      { ...pieceOf('function_call_arguments', at, '{"n":'), item_id: later },
      { ...pieceOf('function_call_arguments', at, `${which}}`), item_id: later },
      done(at, { ...item, id: later, arguments: `{"n":${which}}` }),
    ];
  });
  const state = read(...events, ended('completed', { output: [] }));
  expect(state.message.parts).toMatchObject([{ arguments: '{"n":0}' }, { arguments: '{"n":1}' }]);
});
