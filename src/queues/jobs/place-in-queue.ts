/** A step of priority is worth this much waiting in the queue. Milliseconds. */
const WORTH_OF_PRIORITY_MS = 5 * 60_000;
/** What BullMQ takes for a priority at most. */
const LAST = 2 ** 21;
const USUAL = 3;
const NUMBERS = LAST - 16;
const SINCE = Date.UTC(2026, 0, 1);

/**
 * The number by which BullMQ orders jobs, the smallest first: by priority, and of those that wait for longer than a step of priority is
 * worth the older ones, so that no project's steps wait for ever for those of others. Equal numbers keep their order. It begins anew
 * after twenty years.
 *
 * @param priority 1 to 5; missing: the usual one
 * @param now milliseconds
 */
export function placeInQueue(priority: number | undefined, now: number): number {
  const since = Math.floor((now - SINCE) / WORTH_OF_PRIORITY_MS) % NUMBERS;
  return ((since + NUMBERS) % NUMBERS) + (priority ?? USUAL);
}
