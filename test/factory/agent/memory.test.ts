import { describe, expect, test } from 'vitest';
import { EMPTY_MEMORY, extend, remember } from '../../../src/factory/agent/memory/memory.ts';
import { createMemoryCache } from '../../../src/factory/agent/memory/memory-cache.ts';
import type { JournalEntry, JournalRecord } from '../../../src/factory/model/journal.ts';
import { createWorld, NOW, runToEnd, saying } from './support.ts';

const USAGE = { input: 10, cacheWrite: 0, cacheRead: 0, output: 5 };

/** Entries of one lease. */
function entries(epoch: number, step: number, ...records: JournalRecord[]): JournalEntry[] {
  return records.map((record) => ({ at: NOW.toISOString(), epoch, step, ...record }));
}

const lease: JournalRecord = { type: 'lease', holder: { host: 'h', pid: 1, startedAt: '1' } };
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
const note = (key: string, text = key): JournalRecord => ({ type: 'note', key, text });
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

describe('extending', () => {
  async function longJournal(): Promise<JournalEntry[]> {
    const lines = Array.from({ length: 30 }, (_, turn) => ({
      text: `t${turn}`,
      calls: [['bash', { command: `c${turn}` }] as [string, unknown]],
    }));
    const world = createWorld({
      model: saying(...lines),
      limits: { contextTokens: 3_000, replyTokens: 100 },
    });
    await runToEnd(world);
    return world.entries;
  }

  test('piece by piece gives what the whole gives, wherever it is cut', async () => {
    const journal = await longJournal();
    const whole = remember(journal);
    for (let at = 0; at <= journal.length; at += 1) {
      expect(extend(remember(journal.slice(0, at)), journal.slice(at))).toEqual(whole);
    }
  });

  test('leaves the shorter memory as it was', async () => {
    const journal = await longJournal();
    const half = remember(journal.slice(0, 20));
    const before = structuredClone(half);
    extend(half, journal.slice(20));
    expect(half).toEqual(before);
  });

  test('nothing new gives the same memory', async () => {
    const memory = remember(await longJournal());
    expect(extend(memory, [])).toBe(memory);
  });
});

describe('the cache', () => {
  const journalOf = (all: readonly JournalEntry[]) => ({ entries: async () => all });

  test('folds only what is new and answers as a fresh reading does', async () => {
    const cache = createMemoryCache();
    const all = entries(1, 1, lease, note('a'), note('b'));
    const first = await cache.read('p/e', journalOf(all.slice(0, 2)));
    const second = await cache.read('p/e', journalOf(all));
    expect(second).toEqual(remember(all));
    expect(second.conversation[0]).toBe(first.conversation[0]);
  });

  test('a journal that was replaced by another is read anew', async () => {
    const cache = createMemoryCache();
    await cache.read('p/e', journalOf(entries(1, 1, lease, note('a'), note('b'))));
    const other = entries(4, 2, lease, note('x'), note('y'), note('z'));
    expect(await cache.read('p/e', journalOf(other))).toEqual(remember(other));
    expect(await cache.read('p/e', journalOf([]))).toEqual(EMPTY_MEMORY);
  });

  test('drops the conversation that was not used for the longest time', async () => {
    const cache = createMemoryCache({ agents: 10, characters: 25 });
    const journal = (text: string) => journalOf(entries(1, 1, lease, note(text)));
    const [a, b, c] = [journal('a'.repeat(10)), journal('b'.repeat(10)), journal('c'.repeat(10))];
    const first = await cache.read('a', a);
    const second = await cache.read('b', b);
    await cache.read('a', a);
    await cache.read('c', c);
    expect((await cache.read('a', a)).conversation[0]).toBe(first.conversation[0]);
    expect((await cache.read('b', b)).conversation[0]).not.toBe(second.conversation[0]);
  });

  test('holds a bounded number of agents', async () => {
    const cache = createMemoryCache({ agents: 2, characters: 1_000 });
    const journal = journalOf(entries(1, 1, lease, note('n')));
    const first = await cache.read('a', journal);
    await cache.read('b', journal);
    await cache.read('c', journal);
    expect((await cache.read('a', journal)).conversation[0]).not.toBe(first.conversation[0]);
  });
});
