import { expect, it } from 'vitest';
import { readAhead } from '../../../src/lib/async/read-ahead.ts';

it('gives each item with what was read for it, in order, and reads no further than it is asked for', async () => {
  const read: number[] = [];
  const ahead = readAhead(
    [1, 2, 3, 4, 5],
    async (item) => {
      read.push(item);
      return item * 10;
    },
    2,
  );
  const seen: (readonly [number, number])[] = [];
  for await (const each of ahead) {
    seen.push(each);
    if (each[0] === 3) break;
  }
  expect(seen).toEqual([
    [1, 10],
    [2, 20],
    [3, 30],
  ]);
  expect(read).toEqual([1, 2, 3, 4]);
});
