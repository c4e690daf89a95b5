import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assistantMessage } from '../../../src/factory/model/message.ts';
import { createResponsesReader, fromResponsesUsage } from '../../../src/llm/wire/responses-stream.ts';

const THINKING = { vendor: 'openai:responses:main', model: 'gpt-5.1' };

function read(...events: unknown[]) {
  const reader = createResponsesReader(() => 'new', THINKING);
  for (const event of events) reader.add(event);
  return reader.state();
}

const USAGE = {
  input_tokens: 1_000,
  input_tokens_details: { cached_tokens: 768, cache_write_tokens: 100 },
  output_tokens: 90,
  output_tokens_details: { reasoning_tokens: 64 },
  total_tokens: 1_090,
};
const ended = (type: string, fields: Record<string, unknown> = {}) => ({
  type: `response.${type}`,
  response: { object: 'response', status: type, output: [], usage: USAGE, error: null, ...fields },
});
const added = (output_index: number, item: Record<string, unknown>) => ({
  type: 'response.output_item.added',
  output_index,
  item,
});
const done = (output_index: number, item: Record<string, unknown>) => ({
  ...added(output_index, item),
  type: 'response.output_item.done',
});
const pieceOf = (kind: string, output_index: number, delta: string) => ({
  type: `response.${kind}.delta`,
  output_index,
  content_index: 0,
  delta,
});
const CALL = {
  id: 'fc_1',
  type: 'function_call',
  call_id: 'call_0123456789abcdef',
  name: 'bash',
  arguments: '',
};
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

test('a list at the end that leaves out the reasoning says nothing twice', () => {
  const message = { id: 'msg_1', type: 'message', content: [{ type: 'output_text', text: 'Hi.' }] };
  const state = read(
    added(0, { id: 'rs_1', type: 'reasoning', summary: [] }),
    added(1, { ...message, content: [] }),
    done(1, message),
    ended('completed', { output: [message] }),
  );
  expect(state.message.parts).toEqual([{ type: 'text', text: 'Hi.' }]);
});

describe('how a response ends', () => {
  const half = [added(0, CALL), pieceOf('function_call_arguments', 0, '{"command": "rm')];

  test.each([
    [
      'the output limit',
      [...half, ended('incomplete', { incomplete_details: { reason: 'max_output_tokens' } })],
      'max_tokens',
    ],
    ['a reason that is not known', [...half, ended('incomplete')], 'max_tokens'],
    [
      'an end that is only called complete',
      [...half, { ...ended('completed'), response: { ...ended('incomplete').response } }],
      'max_tokens',
    ],
    [
      'a call that is not whole',
      [...half, done(0, { ...CALL, status: 'incomplete', arguments: '{"command": "rm' }), ended('completed')],
      'max_tokens',
    ],
    [
      'a content filter',
      [ended('incomplete', { incomplete_details: { reason: 'content_filter' } })],
      'refusal',
    ],
    [
      'a refusal',
      [added(0, { type: 'message', content: [] }), pieceOf('refusal', 0, 'I cannot.'), ended('completed')],
      'refusal',
    ],
    ['no end', half, undefined],
    ['a cancelled response', [...half, ended('cancelled')], undefined],
  ])('%s', (_what, events, stop) => {
    expect(read(...events).stop).toBe(stop);
  });

  test('a refusal says its words, in pieces and as a whole', () => {
    const pieces = [added(0, { type: 'message', content: [] }), pieceOf('refusal', 0, 'I cannot.')];
    const whole = done(0, { type: 'message', content: [{ type: 'refusal', refusal: 'I cannot.' }] });
    for (const events of [pieces, [whole], [...pieces, whole]]) {
      expect(read(...events, ended('completed'))).toMatchObject({
        message: { parts: [{ type: 'text', text: 'I cannot.' }] },
        stop: 'refusal',
      });
    }
  });

  test('a failed one, and an error event, are errors whose usage counts', () => {
    const error = { code: 'server_error', message: 'Something broke.' };
    const failed = read(...half, ended('failed', { error }));
    expect(failed).toMatchObject({ error, usage: { output: 90 } });
    expect(failed.stop).toBeUndefined();
    const event = { type: 'error', code: 'rate_limit_exceeded', message: 'Slow down.', param: null };
    expect(read(...half, event).error).toMatchObject({ code: 'rate_limit_exceeded', message: 'Slow down.' });
    expect(read(ended('failed', { error: null })).error).toMatchObject({ code: 'server_error' });
  });
});

describe('what has another type than it should have', () => {
  test('reasoning that stands in the total only is output', () => {
    expect(fromResponsesUsage({ input_tokens: 10, output_tokens: 5, total_tokens: 115 }).output).toBe(105);
  });

  test.each([undefined, null, 'none', {}, { input_tokens: 0, output_tokens: 0 }, { input_tokens: -4 }])(
    'usage that is %o is no usage',
    (usage) => {
      expect(read(ended('completed', { usage })).usage).toBeUndefined();
    },
  );

  test('no value at all makes the reader throw, and what it says is a message', () => {
    const names = [
      'type',
      'response',
      'item',
      'output_index',
      'delta',
      'output',
      'content',
      'arguments',
      'usage',
    ].concat(['call_id', 'name', 'id', 'status', 'text', 'refusal', 'error', 'incomplete_details', 'phase']);
    const kinds = [
      'response.completed',
      'response.failed',
      'response.output_item.done',
      'reasoning',
      'message',
    ]
      .concat([
        'response.output_item.added',
        'response.output_text.delta',
        'function_call',
        'error',
        'incomplete',
      ])
      .concat(['response.function_call_arguments.done', 'response.refusal.done']);
    const leaf = fc.oneof(fc.constantFrom<unknown>(...kinds, null, 0, -1, 1e300, '', true), fc.string());
    const value = fc.letrec((tie) => ({
      value: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('value'), { maxLength: 3 }), tie('object')),
      object: fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 5 }),
    }));
    fc.assert(
      fc.property(fc.array(value.value, { maxLength: 6 }), (events) => {
        expect(assistantMessage.safeParse(read(...events).message).success).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
