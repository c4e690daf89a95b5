import { describe, expect, test } from 'vitest';
import { refused } from '../../../../src/factory/finance/calls/no-attempt.ts';

test("a project's own budget that does not pay for the call is told with what is left of it, unless open calls may give some back", () => {
  const answer = { granted: false, limit: 'project_budget', leftUsd: 0.01 } as const;
  const least = { usd: 3, smallest: 0.02 };
  expect(refused('a', answer, least, {})).toMatchObject({ because: 'budget', leftUsd: 0.01 });
  const retryAt = new Date(Date.now() + 3_000_000);
  expect(refused('a', { ...answer, retryAt }, least, {})).not.toHaveProperty('leftUsd');
});

describe('a cap over all projects', () => {
  const least = { usd: 3, smallest: 0.02 };

  test.each(['hour_budget', 'day_budget'] as const)(
    'that is smaller than the call wants a smaller conversation, and says what the call costs: %s',
    (limit) => {
      const refusal = refused('a', { granted: false, limit }, least, { perHour: 2, perDay: 2 });
      expect(refusal).toMatchObject({
        because: 'context',
        cap: true,
        detail: expect.stringContaining('$3.00'),
      });
      expect(refusal.detail).toContain(limit === 'hour_budget' ? 'budgets.perHour' : 'budgets.perDay');
    },
  );

  test('that is smaller than the smallest call leaves the conversation as it is', () => {
    const refusal = refused('a', { granted: false, limit: 'hour_budget' }, least, { perHour: 0.01 });
    expect(refusal).toMatchObject({ because: 'budget', cap: true });
    const zero = refused('a', { granted: false, limit: 'day_budget' }, least, { perDay: 0 });
    expect(zero).toMatchObject({ because: 'budget', cap: true });
  });

  test('that is spent has room again when it says so', () => {
    const retryAt = new Date(Date.now() + 3_000_000);
    const refusal = refused('a', { granted: false, limit: 'hour_budget', retryAt }, least, { perHour: 20 });
    expect(refusal).toMatchObject({ because: 'budget', until: retryAt });
    expect(refusal).not.toHaveProperty('cap');
  });
});
