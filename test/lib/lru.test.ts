import { describe, expect, it } from 'vitest';
import { createAnswers, createRecent } from '../../src/lib/lru.ts';

describe('values that were used recently', () => {
  it('are made once, and the one that was not used for the longest time goes first', () => {
    const made: string[] = [];
    const kept = createRecent(2, (key) => ({ key, at: made.push(key) }));
    expect(kept.memo('a')).toBe(kept.memo('a'));
    kept.memo('b');
    kept.memo('a');
    kept.memo('c');
    kept.memo('a');
    kept.memo('b');
    expect(made).toEqual(['a', 'b', 'c', 'b']);
    kept.delete('b');
    kept.memo('b');
    expect(made).toHaveLength(5);
  });
});

describe('answers that were asked for', () => {
  it('are asked for once, also by two at the same time, and again after a failure', async () => {
    let asked = 0;
    const answers = createAnswers<number>(3, (answer) => answer < 10);
    const ask = async () => {
      asked += 1;
      if (asked === 1) throw new Error('not yet');
      return asked;
    };
    await expect(answers('a', ask)).rejects.toThrow('not yet');
    expect(await Promise.all([answers('a', ask), answers('a', ask), answers('b', ask)])).toEqual([2, 2, 3]);
    expect([await answers('long', async () => 10), await answers('long', async () => 11)]).toEqual([10, 11]);
  });
});
