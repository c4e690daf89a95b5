import { isOfFuture } from '../../../lib/clock.ts';

/** Wrong tokens that one address may show within the window. */
const MOST = 10;
const WINDOW_MS = 60_000;
/** Addresses that are remembered; more come only from somebody who makes them up. */
const MOST_ADDRESSES = 10_000;

/** Slows down whoever tries tokens. One that is known is never held up by wrong ones: 192 random bits are not found by trying. */
export interface WrongTokens {
  /**
   * Seconds until the address may try again; 0: it may.
   *
   * @param address with what else tells those apart who use it
   */
  heldUp(address: string, now: Date): number;
  count(address: string, now: Date): void;
}

export function createWrongTokens(): WrongTokens {
  const seen = new Map<string, { since: number; times: number }>();
  const current = (address: string, now: Date) => {
    const found = seen.get(address);
    if (found === undefined || isOfFuture(new Date(found.since), now)) return undefined;
    return now.getTime() - found.since >= WINDOW_MS ? undefined : found;
  };
  return {
    heldUp(address, now) {
      const found = current(address, now);
      if (found === undefined || found.times < MOST) return 0;
      return Math.ceil((found.since + WINDOW_MS - now.getTime()) / 1_000);
    },
    count(address, now) {
      const found = current(address, now);
      if (found !== undefined) found.times += 1;
      else {
        if (seen.size >= MOST_ADDRESSES) seen.clear();
        seen.set(address, { since: now.getTime(), times: 1 });
      }
    },
  };
}
