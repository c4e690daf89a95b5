import { isOfFuture } from '../../../lib/clock.ts';
import type { ProviderConfig } from '../../model/money/finance.ts';
import { type Candidate, isOnTrial, isProvedHealthy, MAX_FAILURES } from '../providers/select.ts';

/** A provider that answered well within this time (milliseconds) needs no probe. */
export const HEALTH_TTL_MS = 300_000;
/** After the moment at which a provider says that its money comes back: clocks differ, bookkeeping takes its time. */
const RESET_MARGIN_MS = 30_000;
/** Also when it named a moment, it is looked at every so many intervals: its owner may have paid in between. */
const NAMED_INTERVALS = 12;
/** An outage may be over in seconds: its first probe comes early, and each one that fails doubles the pause. */
const FIRST_PAUSE_MS = 15_000;
/** Probes that cost something though they fail are made at least so often. */
const LONGEST_PAID_PAUSE_MS = 3_600_000;
/** All of a group are woken within this time, in milliseconds, and no two closer than the group allows. */
export const WAKE_SPAN_MS = 4_000;
const WAKE_STEP_MS = 100;

/**
 * Does only a probe tell whether this provider can be used? It is out (of money by its own word, or failing), or its last
 * answer was a bad one, so that projects that left it do not come back by themselves.
 *
 * One that was switched off is its owner's affair, and one whose credits are spent by our own books answers no question.
 * Where a probe has succeeded, another one would tell no more: it is for a real call to try.
 */
export function needsProbe(each: Candidate): boolean {
  const { current } = each;
  if (!current.enabled) return false;
  if (!current.free && current.creditsAvailable !== undefined && current.creditsAvailable <= 0) return false;
  return current.exhaustedAt !== undefined || !(isProvedHealthy(each) || isOnTrial(each));
}

/**
 * When to probe a provider next.
 *
 * - Out of money: after `pollingInterval`; where it named a moment, soon after that (but look at least every hour or so).
 * - Failing: after 15 s, then ever later up to `pollingInterval`.
 * - Limiting requests: after `pollingInterval`.
 * - Asked to be left alone: not before that is over.
 *
 * A failure of the future counts as one just now: the clock was set back, and nobody would look for as long as it went.
 *
 * @returns `null` when no probe is needed; a moment in the past when one is due
 */
export function nextProbeAt(each: Candidate, pollingInterval: number, now: Date): Date | null {
  if (!needsProbe(each)) return null;
  const { exhaustedAt, exhaustedUntil, lastFailureAt } = each.current;
  const last = Math.min((lastFailureAt ?? exhaustedAt)?.getTime() ?? 0, now.getTime());
  let next =
    last + (exhaustedAt === undefined ? outagePause(each.current, pollingInterval) : pollingInterval);
  if (exhaustedUntil !== undefined) {
    const named = exhaustedUntil.getTime() + RESET_MARGIN_MS;
    if (named > last) next = Math.min(named, last + NAMED_INTERVALS * pollingInterval);
  }
  return new Date(Math.max(next, each.blockedUntil?.getTime() ?? 0));
}

function outagePause({ consecutiveFailures }: ProviderConfig, pollingInterval: number): number {
  // It only limited requests: whoever waits for it asks again without a probe.
  if (consecutiveFailures === 0) return pollingInterval;
  return Math.min(doubled(consecutiveFailures), pollingInterval);
}

/** Milliseconds after a probe that failed and was perhaps billed: it grows beyond the interval, or a night of them eats the credits. */
export function pauseAfterPaid(consecutiveFailures: number, pollingInterval: number): number {
  return Math.min(doubled(consecutiveFailures), Math.max(pollingInterval, LONGEST_PAID_PAUSE_MS));
}

const doubled = (failures: number): number =>
  FIRST_PAUSE_MS * 2 ** Math.min(Math.max(0, failures - MAX_FAILURES), 20);

export interface DueProbe {
  providerId: string;
  /** Milliseconds from now; 0: due. */
  delay: number;
}

/** The next probe of every provider that needs one, the most urgent first. */
export function probeSchedule(
  candidates: readonly Candidate[],
  pollingInterval: number,
  now: Date,
  opensAt: Date | null = null,
): DueProbe[] {
  return candidates
    .flatMap((each) => {
      const next = nextProbeAt(each, pollingInterval, now);
      if (next === null) return [];
      const at = Math.max(now.getTime(), next.getTime(), opensAt?.getTime() ?? 0);
      return [{ providerId: each.provider.id, delay: at - now.getTime() }];
    })
    .sort((a, b) => a.delay - b.delay);
}

/** A project that waits, as its `waiting` says. */
export interface Waiter {
  projectId: string;
  since: Date;
  until?: Date;
  /** Providers that could take a call of it now. */
  ready: readonly Candidate[];
}

/**
 * Which waiting projects may go on, each with its delay: in order of how long they wait, spread so that a hundred do not
 * come in one second and a thousand are all awake within 5 s.
 *
 * A project is woken by news only: a provider that is ready now and has answered since the project began to wait, or the
 * moment it was told has passed. Otherwise one that needs more money than is left would be woken again and again.
 */
export function wakeUps(waiters: readonly Waiter[], now: Date): { projectId: string; delay: number }[] {
  const news = (ready: readonly Candidate[]) =>
    Math.max(
      ...ready.flatMap(({ current }) => [
        current.lastSuccessAt?.getTime() ?? 0,
        current.probedAt?.getTime() ?? 0,
      ]),
    );
  const woken = waiters
    .filter(({ ready }) => ready.length > 0)
    .filter(
      ({ since, until, ready }) =>
        news(ready) > since.getTime() || (until !== undefined && until <= now) || isOfFuture(since, now),
    )
    .sort((a, b) => a.since.getTime() - b.since.getTime());
  const step = Math.min(WAKE_STEP_MS, WAKE_SPAN_MS / Math.max(1, woken.length));
  return woken.map(({ projectId }, index) => ({ projectId, delay: Math.round(index * step) }));
}
