import { LONG_CACHE_MS, SHORT_CACHE_MS } from '../../finance/calls/cache-time.ts';
import type { Usage } from '../../model/money/finance.ts';
import type { CacheOutlook } from '../../ports.ts';

/** How long an agent's calls were apart so far: gates, audits, waits for providers and long commands stand between them. */
export interface Pauses {
  readonly calls: number;
  /** Of them: too long for a prompt that is kept for five minutes, and short enough for one that is kept for an hour. */
  readonly long: number;
  /** When the newest reply came. */
  readonly since?: string;
}

export const NO_PAUSES: Pauses = { calls: 0, long: 0 };

/** What is expected counts as much as so many calls. */
const CALLS_OF_EXPECTATION = 5;

const isLong = (ms: number): boolean => ms > SHORT_CACHE_MS && ms < LONG_CACHE_MS;

/** A request was sent. */
export function pauseOver({ calls, long, since }: Pauses, at: string): Pauses {
  if (since === undefined) return { calls, long };
  return { calls: calls + 1, long: long + (isLong(Date.parse(at) - Date.parse(since)) ? 1 : 0) };
}

/**
 * What the next call's prompt may expect of the cache. Pure.
 *
 * @param prompt tokens of it
 * @param gateMs how long the project's newest gate took; the agent waits as long whenever it has finished
 */
export function cacheOutlook(
  pauses: Pauses,
  prompt: number,
  measured: { usage: Usage } | undefined,
  gateMs: number | undefined,
  now: Date,
): CacheOutlook {
  const expected = gateMs !== undefined && isLong(gateMs) ? 1 : 0;
  return {
    prompt,
    fresh: Math.max(0, prompt - keptOf(pauses, measured?.usage, now)),
    longPause: (pauses.long + expected) / (pauses.calls + CALLS_OF_EXPECTATION),
  };
}

/** Tokens that the newest call has left in the cache, if they are still there. */
function keptOf({ since }: Pauses, usage: Usage | undefined, now: Date): number {
  if (since === undefined || usage === undefined) return 0;
  const { input, cacheWrite, cacheWriteLong = 0, cacheRead } = usage;
  const keptMs = cacheWriteLong > 0 ? LONG_CACHE_MS : SHORT_CACHE_MS;
  const isKept = now.getTime() - Date.parse(since) < keptMs;
  return isKept ? input + cacheWrite + cacheWriteLong + cacheRead : 0;
}
