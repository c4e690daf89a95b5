import { describe, expect, test } from 'vitest';
import { countedEntries, summariseCosts } from '../../../../src/factory/finance/books/costs.ts';
import { row } from '../fixtures.ts';

describe('the summary of a ledger', () => {
  test('ten times ten cents are a dollar', () => {
    const rows = Array.from({ length: 10 }, (_, index) => row({ requestId: `${index}` }));
    expect(summariseCosts('p', rows)).toMatchObject({ projectId: 'p', totalSpent: 1, tokensUsed: 100 });
  });

  test('A20 stream-cut: what was perhaps billed stands apart from what is known', () => {
    const rows = [row(), row({ requestId: 'lost', cost: 0.5, tokensUsed: 0, possible: true })];
    const summary = summariseCosts('p', rows);
    expect(summary).toMatchObject({ totalSpent: 0.1, possibleSpent: 0.5 });
    expect(summary.byProvider).toMatchObject([{ provider: 'a', cost: 0.1, possible: 0.5, requests: 2 }]);
  });

  test('of two rows with one request id one counts, the known cost before the possible one', () => {
    const possible = row({ cost: 0.5, possible: true });
    expect(countedEntries([possible, row(), row()])).toEqual([row()]);
    expect(countedEntries([row(), possible])).toEqual([row()]);
  });

  test('is grouped by provider, model, persona, task, operation and hour', () => {
    const rows = [
      row({ requestId: '1', persona: 'engineer', taskId: 't1', timestamp: new Date('2026-01-01T23:59:59Z') }),
      row({ requestId: '2', provider: 'b', model: 'n', operation: 'audit', cost: 0.7 }),
    ];
    expect(summariseCosts('p', rows)).toMatchObject({
      byProvider: [{ provider: 'b' }, { provider: 'a' }],
      byModel: [{ model: 'n', cost: 0.7 }, { model: 'm' }],
      byPersona: [{ persona: '-' }, { persona: 'engineer' }],
      byTask: [{ taskId: '-' }, { taskId: 't1' }],
      byOperation: [{ operation: 'audit' }, { operation: 'chat' }],
      byHour: [{ hour: '2026-01-01T23:00:00.000Z' }, { hour: '2026-01-02T03:00:00.000Z' }],
    });
  });

  test('the cache-hit rate is the share of the input that was read from the cache', () => {
    const usage = { input: 50, cacheWrite: 25, cacheRead: 25, output: 900 };
    expect(summariseCosts('p', [row({ usage })]).cacheHitRate).toBe(0.25);
    expect(summariseCosts('p', []).cacheHitRate).toBe(0);
  });
});
