import { expect, it } from 'vitest';
import { gathered } from '../../../src/lib/async/gathered.ts';

it('one look finds all that is asked for at the same moment of one place, each once', async () => {
  const looks: string[] = [];
  const find = gathered<string, number>(
    (place) => place,
    async (place, keys) => {
      looks.push(`${place}: ${keys.join(' ')}`);
      return new Map(keys.filter((key) => key !== 'none').map((key) => [key, key.length]));
    },
  );
  const asked = [
    find('here', 'a'),
    find('here', 'bb'),
    find('here', 'a'),
    find('here', 'none'),
    find('there', 'a'),
  ];
  expect(await Promise.all(asked)).toEqual([1, 2, 1, null, 1]);
  expect(looks).toEqual(['here: a bb none', 'there: a']);
  expect(await find('here', 'a')).toBe(1);
  expect(looks).toHaveLength(3);
});

it('a look that fails fails for all who asked, and for nobody later', async () => {
  let looks = 0;
  const find = gathered<string, number>(
    (place) => place,
    async (_, keys) => {
      looks += 1;
      if (looks === 1) throw new Error('no');
      return new Map(keys.map((key) => [key, 1]));
    },
  );
  const both = await Promise.allSettled([find('here', 'a'), find('here', 'b')]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await find('here', 'a')).toBe(1);
});
