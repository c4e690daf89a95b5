import { expect, it } from 'vitest';
import { remembered } from '../../../src/git/run/remembered.ts';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);

/** Answers with how often it was asked. */
function counting() {
  let asked = 0;
  return async () => {
    asked += 1;
    if (asked === 1) throw new Error('not yet');
    return asked;
  };
}

it('asks once about the same commits, again about a branch, and again after a failure', async () => {
  const ask = remembered<number>(counting(), { most: 2 });
  await expect(ask('r', A)).rejects.toThrow('not yet');
  expect([await ask('r', A), await ask('r', A), await ask('r', B), await ask('s', A)]).toEqual([2, 2, 3, 4]);
  expect([await ask('r', 'main'), await ask('r', 'main')]).toEqual([5, 6]);
  // Two others were asked about since.
  expect(await ask('r', A)).toBe(7);
});

it('tells paths of one commit apart, and keeps no answer that is too long', async () => {
  let asked = 0;
  const ask = remembered<string>(
    async (_, commit = '', path = '') => {
      asked += 1;
      return `${commit[0]}:${path} ${asked}`;
    },
    { most: 9, commits: 1, keeps: (text) => !text.includes('long') },
  );
  expect([await ask('r', A, 'x'), await ask('r', A, 'x'), await ask('r', A, 'y')]).toEqual([
    'a:x 1',
    'a:x 1',
    'a:y 2',
  ]);
  expect([await ask('r', A, 'long'), await ask('r', A, 'long')]).toEqual(['a:long 3', 'a:long 4']);
  expect([await ask('r', 'main', 'x'), await ask('r', 'main', 'x')]).toEqual(['m:x 5', 'm:x 6']);
});
