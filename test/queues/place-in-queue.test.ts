import { expect, it } from 'vitest';
import { placeInQueue } from '../../src/queues/jobs/place-in-queue.ts';

const NOW = Date.UTC(2026, 2, 1, 22);
const MINUTE = 60_000;

it('steps of a higher priority come first, and those that wait for longer than that is worth before them', () => {
  expect(placeInQueue(1, NOW)).toBeLessThan(placeInQueue(2, NOW));
  expect(placeInQueue(undefined, NOW)).toBe(placeInQueue(3, NOW));
  expect(placeInQueue(5, NOW)).toBeLessThan(placeInQueue(1, NOW + 26 * MINUTE));
});

it('is a number that BullMQ takes, whatever the clock says', () => {
  for (const now of [0, NOW, Date.UTC(2045, 11, 31), Date.UTC(2090, 0, 1)])
    for (const priority of [1, 5]) {
      expect(placeInQueue(priority, now)).toBeGreaterThan(0);
      expect(placeInQueue(priority, now)).toBeLessThan(2 ** 21);
    }
});
