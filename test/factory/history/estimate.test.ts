import { expect, test } from 'vitest';
import { estimate, spread } from '../../../src/factory/history/estimate.ts';
import type { Finished } from '../../../src/factory/history/finished.ts';

const one = (changes: Partial<Finished> = {}): Finished => ({
  repository: '/r',
  personas: ['engineer'],
  model: 'm',
  proved: true,
  cost: 1,
  activeMs: 60_000,
  spanMs: 120_000,
  ...changes,
});
const asked = { repository: '/r', personas: ['engineer'], models: ['m'] };
const many = (count: number, changes: Partial<Finished> = {}) =>
  Array.from({ length: count }, () => one(changes));

test.each<[string, Finished[], string, number]>([
  ['nothing', [], 'none', 0],
  ['enough of the very same', [...many(3), ...many(9, { model: 'x' })], 'repository, persona and model', 3],
  ['too few of the same model', [...many(2), ...many(3, { model: 'x' })], 'repository and persona', 5],
  ['too few of the same personas', [...many(2), ...many(3, { personas: ['tester'] })], 'repository', 5],
  ['another repository alone', many(4, { repository: '/other' }), 'persona and model', 4],
  ['nothing in common', many(3, { repository: '/o', personas: [], model: null }), 'all projects', 3],
  ['one alone', many(1), 'repository, persona and model', 1],
])('of %s an estimate goes by what most nearly matches', (_, finished, basis, projects) => {
  expect(estimate(finished, asked)).toMatchObject({ basis, projects });
});

test('figures are the middle and what nine of ten stayed within, each one that came up', () => {
  const costs = [10, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  const found = estimate(
    costs.map((cost, index) => one({ cost, proved: index > 0, activeMs: cost * 1_000 })),
    asked,
  );
  expect(found).toMatchObject({
    proved: 9,
    cost: { median: 5, p90: 9 },
    activeMs: { median: 5_000, p90: 9_000 },
  });
  expect(spread([7])).toEqual({ median: 7, p90: 7 });
});
