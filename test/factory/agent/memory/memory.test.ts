import { describe, expect, test } from 'vitest';
import { EMPTY_MEMORY, extend, remember } from '../../../../src/factory/agent/memory/memory.ts';
import type { JournalEntry, JournalRecord } from '../../../../src/factory/model/journal.ts';
import { createWorld, runToEnd, saying } from '../support.ts';
import { entries, lease, note } from './journal-entries.ts';

const USAGE = { input: 10, cacheWrite: 0, cacheRead: 0, output: 5 };
const request = (requestId: string, operation: 'chat' | 'compaction' = 'chat'): JournalRecord => ({
  type: 'request',
  requestId,
  provider: 'p',
  model: 'm',
  operation,
  reserved: 2,
});
const reply = (requestId: string, ...calls: string[]): JournalRecord => ({
  type: 'reply',
  requestId,
  provider: 'p',
  model: 'm',
  usage: USAGE,
  cost: 1,
  stop: 'end',
  message: {
    role: 'assistant',
    parts: [
      { type: 'text', text: `reply ${requestId}` },
      ...calls.map((id) => ({
        type: 'tool_call' as const,
        id,
        name: 'bash',
        arguments: `{"command":"${id}"}`,
      })),
    ],
  },
});
const started = (callId: string): JournalRecord => ({ type: 'tool_started', callId, name: 'bash' });
const result = (callId: string, output = `out ${callId}`): JournalRecord => ({
  type: 'tool_result',
  callId,
  name: 'bash',
  output,
  isError: false,
});
const done: JournalRecord = { type: 'step_done', outcome: 'continue' };

const roles = (journal: JournalEntry[]) =>
  remember(journal).conversation.map((each) =>
    each.role === 'user'
      ? `user ${each.text}`
      : each.role === 'tool'
        ? `tool ${each.callId} ${each.output}`
        : 'model',
  );

describe('where the agent stands', () => {
  test('an empty journal: the first step is next', () => {
    expect(remember([])).toBe(EMPTY_MEMORY);
    expect(EMPTY_MEMORY).toMatchObject({ nextStep: 1, position: { at: 'between' } });
  });

  test('leased and not yet asked', () => {
    expect(remember(entries(1, 1, lease))).toMatchObject({
      epoch: 1,
      nextStep: 1,
      position: { at: 'asking' },
    });
  });

  test('a request without an end is open; a failed or answered one is not', () => {
    const journal = entries(1, 1, lease, request('a'), request('b'), request('c'));
    expect(remember(journal).openRequests.map(({ requestId }) => requestId)).toEqual(['a', 'b', 'c']);
    const later = entries(
      1,
      1,
      { type: 'request_failed', requestId: 'a', kind: 'rate', detail: '' },
      reply('b'),
    );
    expect(remember([...journal, ...later]).openRequests.map(({ requestId }) => requestId)).toEqual(['c']);
  });

  test('of the calls of a reply it knows which are done, started and waiting', () => {
    const memory = remember(
      entries(1, 1, lease, request('a'), reply('a', 'x', 'y', 'z'), started('x'), result('x'), started('y')),
    );
    expect(memory.position).toMatchObject({
      at: 'acting',
      calls: [{ state: 'done' }, { state: 'started' }, { state: 'waiting' }],
    });
  });

  test('a later lease of the same step goes on where the step stood', () => {
    const first = entries(1, 1, lease, request('a'), reply('a', 'x'), started('x'));
    const memory = remember([...first, ...entries(2, 1, lease)]);
    expect(memory).toMatchObject({
      epoch: 2,
      nextStep: 1,
      position: { at: 'acting', calls: [{ state: 'started' }] },
    });
  });

  test('after step_done the next step is due and the replies of this one are forgotten', () => {
    const memory = remember(entries(1, 1, lease, request('a'), reply('a'), done));
    expect(memory).toMatchObject({ nextStep: 2, position: { at: 'between' }, replies: [] });
  });

  test('what an overtaken worker writes later does not count', () => {
    const journal = [...entries(1, 1, lease), ...entries(2, 1, lease), ...entries(1, 1, note('late'), done)];
    expect(remember(journal)).toMatchObject({ nextStep: 1, conversation: [], seen: 4 });
  });

  test('a paid summary that replaced nothing yet is kept, and is no message', () => {
    const memory = remember(entries(1, 1, lease, request('s', 'compaction'), reply('s')));
    expect(memory).toMatchObject({
      position: { at: 'asking' },
      paidSummary: { requestId: 's' },
      conversation: [],
    });
    expect(extend(memory, entries(1, 1, { type: 'compacted', text: 'sum' })).paidSummary).toBeUndefined();
  });
});

describe('the conversation', () => {
  test('notes, replies and results stand in order', () => {
    const journal = entries(
      1,
      1,
      lease,
      note('n'),
      request('a'),
      reply('a', 'x', 'y'),
      result('x'),
      result('y'),
      done,
    );
    expect(roles(journal)).toEqual(['user n', 'model', 'tool x out x', 'tool y out y']);
  });

  test('a note counts once per key', () => {
    expect(roles(entries(1, 1, lease, note('gate', 'first'), note('gate', 'second')))).toEqual([
      'user first',
    ]);
  });

  test('a note between a call and its result follows after the last result', () => {
    const journal = entries(
      1,
      1,
      lease,
      request('a'),
      reply('a', 'x', 'y'),
      result('x'),
      note('n'),
      result('y'),
    );
    expect(roles(journal)).toEqual(['model', 'tool x out x', 'tool y out y', 'user n']);
  });

  test('calls of a step that ended without them get an answer, as vendors demand', () => {
    const journal = entries(1, 1, lease, request('a'), reply('a', 'x', 'y'), started('x'), note('n'), done);
    expect(roles(journal)).toEqual([
      'model',
      'tool x interrupted; effects unknown',
      'tool y not run: the step ended before',
      'user n',
    ]);
  });

  test('a result for a call that nobody made, or a second one, is dropped', () => {
    const journal = entries(
      1,
      1,
      lease,
      request('a'),
      reply('a', 'x'),
      result('q'),
      result('x'),
      result('x', 'again'),
    );
    expect(roles(journal)).toEqual(['model', 'tool x out x']);
  });

  test('compaction keeps the opening and the newest messages', () => {
    const journal = entries(1, 1, lease, note('opening'), note('a'), note('b'), note('c'), {
      type: 'compacted',
      text: 'sum',
      keep: 1,
    });
    expect(roles(journal)).toEqual(['user opening', 'user sum', 'user c']);
  });

  test('compaction never leaves a result without its call', () => {
    const journal = entries(1, 1, lease, request('a'), reply('a', 'x', 'y'), result('x'), result('y'), {
      type: 'compacted',
      text: 'sum',
      keep: 2,
    });
    expect(roles(journal)).toEqual(['user sum']);
  });

  test('its length is counted along', () => {
    const world = createWorld({
      model: saying({ text: 'abc', calls: [['bash', { command: 'ls' }]] }, { text: 'x' }),
    });
    return runToEnd(world).then(() => {
      const { characters, conversation } = world.memory();
      const counted = conversation.reduce((sum, each) => {
        if (each.role === 'user') return sum + each.text.length;
        if (each.role === 'tool') return sum + each.output.length + each.name.length;
        return (
          sum +
          each.parts.reduce(
            (all, part) =>
              all +
              (part.type === 'text'
                ? part.text.length
                : part.type === 'tool_call'
                  ? part.name.length + part.arguments.length
                  : 0),
            0,
          )
        );
      }, 0);
      expect(characters).toBe(counted);
    });
  });
});
