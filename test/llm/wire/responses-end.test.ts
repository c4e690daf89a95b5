import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assistantMessage } from '../../../src/factory/model/message.ts';
import { fromResponsesUsage } from '../../../src/llm/wire/responses-stream.ts';
import { added, CALL, done, ended, pieceOf, read } from './responses-events.ts';

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

describe('a list at the end whose items have other ids, without the reasoning', () => {
  const call = (call_id: string, command: string) => ({
    ...{ ...CALL, id: `item_${call_id}`, call_id, arguments: JSON.stringify({ command }) },
  });
  const other = (given: ReturnType<typeof call>) => ({ ...given, id: `other_${given.call_id}` });
  const [ls, pwd, again] = [call('call_1', 'ls'), call('call_2', 'pwd'), call('call_3', 'ls')];
  const reasoning = added(0, { id: 'rs_1', type: 'reasoning', summary: [] });
  const commands = (...events: unknown[]) =>
    read(...events).message.parts.flatMap((part) => (part.type === 'tool_call' ? [part.arguments] : []));
  const told = [ls, pwd, again].map((each) => each.arguments);

  test.each([
    ['all of them', [ls, pwd, again]],
    ['the last of them', [again]],
    ['none of them', []],
  ])('has no call made twice, and none left out: %s', (_, output) => {
    const end = ended('completed', { output: output.map(other) });
    const items = [ls, pwd, again].flatMap((each, at) => [
      added(at + 1, { ...each, arguments: '' }),
      done(at + 1, each),
    ]);
    expect(commands(reasoning, ...items, end)).toEqual(told);
    const pieces = [ls, pwd, again].flatMap((each, at) => [
      added(at + 1, { ...each, arguments: '' }),
      pieceOf('function_call_arguments', at + 1, each.arguments),
    ]);
    expect(commands(reasoning, ...pieces, end)).toEqual(told);
  });

  test('makes calls that share an id and differ', () => {
    const shared = { ...pwd, call_id: 'call_1' };
    expect(commands(ended('completed', { output: [ls, shared] }))).toEqual([ls.arguments, pwd.arguments]);
  });
});

describe('the end of a response', () => {
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
  ])('is told from %s', (_what, events, stop) => {
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
      { numRuns: 100 },
    );
  });
});
