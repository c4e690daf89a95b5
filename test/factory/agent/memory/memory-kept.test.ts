import { describe, expect, test } from 'vitest';
import { EMPTY_MEMORY, extend, remember } from '../../../../src/factory/agent/memory/memory.ts';
import { createMemoryCache } from '../../../../src/factory/agent/memory/memory-cache.ts';
import type { JournalEntry } from '../../../../src/factory/model/journal.ts';
import { createWorld, runToEnd, saying } from '../support.ts';
import { entries, lease, note } from './journal-entries.ts';

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
