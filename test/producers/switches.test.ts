import { expect, it } from 'vitest';
import { switchDocuments } from '../../src/producers/documents/switches.ts';

const at = (hour: number) => new Date(Date.UTC(2026, 0, 1, hour));
const gone = (hour: number) => ({
  ...{ timestamp: at(hour), fromProvider: 'a', toProvider: 'b', reason: 'rate_limit' as const },
});

it('tells which projects went from one provider to another since then, the newest first', async () => {
  const finances: Record<string, object[]> = { one: [gone(1), gone(5)], two: [gone(7)], old: [gone(8)] };
  const read: string[] = [];
  const found = await switchDocuments(
    {
      listSummaries: async () => ({
        projects: [
          { id: 'one', name: 'One', updatedAt: at(6), moves: false },
          { id: 'two', name: 'Two', updatedAt: at(0), moves: true },
          { id: 'old', name: 'Old', updatedAt: at(2), moves: false },
        ],
        unreadable: [],
      }),
      finance(id: string) {
        read.push(id);
        return { get: async () => ({ providerSwitches: finances[id] }) };
      },
    } as never,
    at(3),
  );
  expect(found.map(({ project, timestamp }) => [project, timestamp])).toEqual([
    ['Two', at(7)],
    ['One', at(5)],
  ]);
  // What nothing happened to since is not read.
  expect(read).toEqual(['one', 'two']);
});
