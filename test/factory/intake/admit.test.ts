import { expect, test } from 'vitest';
import { admitted } from '../../../src/factory/intake/admit.ts';
import type { ForgeIssue } from '../../../src/factory/ports.ts';

const SOURCE = { label: 'df', authors: ['Ann'], interval: 60_000 };
const issue = (number: number, change: Partial<ForgeIssue> = {}): ForgeIssue => ({
  ...{ number, title: 't', body: '', author: 'mallory', labels: ['df'], state: 'open', url: '' },
  ...{ confidential: false, updatedAt: new Date(0), ...change },
});

test('a thousand labelled issues of strangers hide none that somebody listed has labelled, and use up no limit', async () => {
  const issues = Array.from({ length: 1_000 }, (_, index) => issue(index + 1));
  const asked: number[] = [];
  const look = (minute: number) =>
    admitted(issues, SOURCE, new Date(minute * SOURCE.interval), {
      editors: async () => [],
      async labelledBy({ number }) {
        asked.push(number);
        return number === 1 || number === 990 ? 'ANN' : 'mallory';
      },
    });
  expect(await look(0)).toMatchObject([{ number: 1 }]);
  expect(asked).toHaveLength(60);
  const later = [];
  for (let minute = 1; minute <= 25; minute++) later.push(...(await look(minute)));
  expect(later.map(({ number }) => number)).toContain(990);
  expect(new Set(asked).size).toBe(1_000);
});

test('who put the label on is asked only where it decides', async () => {
  const asked: number[] = [];
  const found = await admitted(
    [
      issue(1, { author: 'ANN', labels: ['DF', 'bug'] }),
      issue(2, { author: 'ann', state: 'closed' }),
      issue(3, { author: 'ann', labels: ['bug'] }),
      issue(4),
    ],
    SOURCE,
    new Date(0),
    {
      editors: async () => ['ann'],
      async labelledBy({ number }) {
        asked.push(number);
        return null;
      },
    },
  );
  expect(found.map(({ number }) => number)).toEqual([1]);
  expect(asked).toEqual([4]);
});

test('a listed author counts for no text that somebody else, or nobody known, has edited last', async () => {
  const editors: Record<number, string[] | null> = {
    1: ['ANN'],
    2: ['ann', 'eve'],
    3: ['eve'],
    4: ['ghost'],
    5: null,
  };
  const issues = [1, 2, 3, 4, 5].map((number) => issue(number, { author: 'ann' }));
  const found = await admitted(issues, SOURCE, new Date(0), {
    editors: async ({ number }) => editors[number] ?? null,
    labelledBy: async ({ number }) => (number === 3 || number === 5 ? 'ann' : 'eve'),
  });
  expect(found.map(({ number }) => number)).toEqual([1, 3]);
});
