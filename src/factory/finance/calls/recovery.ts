import type { SwitchReason } from '../../model/money/finance.ts';
import type { ModelFailure, ModelFailureKind } from '../../ports.ts';

/** What to do about a failed request. */
export interface Recovery {
  /** What it says about the provider's health. */
  report: 'failure' | 'rate' | 'money' | 'nothing';
  /** Further tries with the same provider within one call. */
  retries: number;
  /** Before such a try: what the provider asked for, or a back-off that doubles. */
  pause: 'asked' | 'backoff' | 'none';
  /** Switch the provider off in providers.yaml and tell. */
  disable: boolean;
  /** Send a conversation in a simpler form on the further try. */
  repair: boolean;
  /** Other providers are asked afterwards. */
  others: boolean;
  reason: SwitchReason;
}

/** The failure table: one row per kind of failure, and nowhere else a decision about one. */
export const RECOVERY: Readonly<Record<ModelFailureKind, Recovery>> = {
  rate: row({ report: 'rate', retries: 1, pause: 'asked', reason: 'rate_limit' }),
  money: row({ report: 'money', reason: 'credits_exhausted' }),
  outage: row({ report: 'failure', retries: 2, pause: 'backoff' }),
  key: row({ report: 'failure', disable: true }),
  context: row({}),
  malformed: row({ retries: 1, repair: true }),
  // Of one conversation, not of the provider: others go on with it.
  request: row({}),
  refusal: row({}),
  config: row({ report: 'failure' }),
  aborted: row({ others: false }),
};

function row(over: Partial<Recovery>): Recovery {
  return {
    report: 'nothing',
    retries: 0,
    pause: 'none',
    disable: false,
    repair: false,
    others: true,
    reason: 'api_error',
    ...over,
  };
}

/** All pauses within one call together; whatever needs longer is parked, so that no worker is blocked. */
export const PATIENCE_MS = 8_000;
/** A provider that asks for a longer pause within a call is left for others, or the step is parked. */
const LONGEST_PAUSE_MS = 5_000;
/** Whatever a provider asks for: look again after an hour. */
const LONGEST_BLOCK_MS = 3_600_000;
const BACKOFF_BASE_MS = 1_000;
/** A timer may fire a little early, and a provider counts a moment that is not over as not over. */
const LATE_MS = 25;

/**
 * How long to wait within the call before the same provider is tried again.
 *
 * @param attempt failures of this provider in this call so far, from 1
 * @param spentMs what this call waited already
 * @param chance from 0 to 1: half of a back-off is left to it, so that workers do not come back in step
 * @returns milliseconds, or `null`: not within this call
 */
export function pauseBefore(
  failure: ModelFailure,
  attempt: number,
  spentMs: number,
  chance: number,
  now: Date,
): number | null {
  const { retries, pause } = RECOVERY[failure.kind];
  if (attempt > retries) return null;
  const wanted = pause === 'none' ? 0 : pause === 'backoff' ? backoff(attempt, chance) : asked(failure, now);
  if (wanted === undefined || wanted > LONGEST_PAUSE_MS || spentMs + wanted > PATIENCE_MS) return null;
  return pause === 'asked' ? wanted + LATE_MS : wanted;
}

function backoff(attempt: number, chance: number): number {
  const full = BACKOFF_BASE_MS * 2 ** (attempt - 1);
  return full / 2 + (full / 2) * chance;
}

/** What the provider asked us to wait, in milliseconds; `undefined`: it did not say. */
export function asked(failure: ModelFailure, now: Date): number | undefined {
  const { retryAfterMs, resetAt } = failure;
  const wait = retryAfterMs ?? (resetAt === undefined ? undefined : resetAt.getTime() - now.getTime());
  if (wait === undefined || !Number.isFinite(wait)) return undefined;
  return Math.min(Math.max(0, wait), LONGEST_BLOCK_MS);
}

const TIMEOUTS: ReadonlySet<string> = new Set(['timeout', 'idle_timeout']);

/** The specification's reason for leaving a provider after this failure. */
export function switchReasonOf(failure: ModelFailure): SwitchReason {
  if (failure.kind === 'outage' && (TIMEOUTS.has(failure.code ?? '') || failure.status === 408))
    return 'timeout';
  return RECOVERY[failure.kind].reason;
}
