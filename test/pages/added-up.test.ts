import { expect, it } from 'vitest';
import { addedUp } from '../../src/pages/project/added-up.ts';
import type { CostShown } from '../../src/pages/project/types.ts';

const entry = (minute: number, cost: number, possible: boolean) =>
  ({ timestamp: new Date(minute * 60_000).toISOString(), cost, possible, tokensUsed: 10 }) as CostShown;

it('the chart of cost adds up what is known to be billed, as the tables below it do, in order of time', () => {
  expect(addedUp([entry(2, 0.5, true), entry(1, 0.25, false), entry(3, 1, false)])).toEqual([
    { at: 60, cost: 0.25, tokens: 10 },
    { at: 120, cost: 0.25, tokens: 20 },
    { at: 180, cost: 1.25, tokens: 30 },
  ]);
});
