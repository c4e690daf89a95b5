import { expect, it } from 'vitest';
import type { ProjectSummary } from '../../../src/factory/ports.ts';
import { ordinal, withPlaces } from '../../../src/producers/documents/queue-places.ts';

const turn = { for: 'turn', detail: 'Waits for its turn.' } as const;

it('a project that waits for its turn says its place in the queue and after whom it comes', async () => {
  const queue = [
    { id: 'c', name: 'late', turnOrder: 9, waiting: turn },
    { id: 'a', name: 'early', turnOrder: 1, waiting: turn },
    { id: 'b', name: 'begun' },
  ] as ProjectSummary[];
  const state = { listSummaries: async () => ({ projects: queue, unreadable: [] }) };
  const shown = await withPlaces(state, queue);
  expect(shown.map(({ waiting }) => waiting?.detail)).toEqual([
    '2nd of 2 in the queue, after early. Waits for its turn.',
    '1st of 2 in the queue. Waits for its turn.',
    undefined,
  ]);
});

it('ordinals are English', () => {
  expect([1, 2, 3, 4, 11, 12, 13, 21, 102, 111].map(ordinal)).toEqual([
    ...['1st', '2nd', '3rd', '4th', '11th', '12th', '13th', '21st', '102nd', '111th'],
  ]);
});
