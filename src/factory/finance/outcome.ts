import type { ModelFailure, PaidOutcome } from '../ports.ts';
import type { SwitchReason } from './finance.ts';
import { switchReasonOf } from './recovery.ts';
import { type Candidate, isReady, isViable } from './select.ts';

/** Why a provider did not take a call. */
export interface Refusal {
  providerId: string;
  because: 'wait' | 'context' | 'malformed' | 'budget' | 'unusable' | 'failed';
  detail: string;
  /** When it may take one. */
  until?: Date;
  reason: SwitchReason;
}

/** A provider that just failed but is not excluded yet is asked again after this many milliseconds. */
const AFTER_OUTAGE_MS = 15_000;

/**
 * What to tell the caller when no provider took the call, in this order: something opens up by itself (wait); a smaller
 * or plainer conversation would help; the owner's cap; nobody has money or health (probes find out when).
 *
 * @param candidates as they are now, after the failures of this call were reported
 */
export function conclude(
  refusals: readonly Refusal[],
  candidates: readonly Candidate[],
  now: Date,
  pollingInterval: number,
): PaidOutcome {
  const all = [...refusals, ...fromState(refusals, candidates, now)].map((refusal) =>
    afterOutage(refusal, candidates, now),
  );
  const detail = all.map((each) => each.detail).join(' ') || 'No provider is set up: df provider add.';
  const waits = all.filter((each) => each.because === 'wait' && each.until !== undefined);
  const earliest = waits.sort((a, b) => Number(a.until) - Number(b.until))[0];
  if (earliest?.until !== undefined) {
    const what = earliest.reason === 'rate_limit' ? 'rate' : 'provider';
    return { kind: 'wait', for: what, until: earliest.until, detail: earliest.detail };
  }
  for (const kind of ['context', 'malformed', 'budget'] as const) {
    const found = all.find((each) => each.because === kind);
    if (found === undefined) continue;
    const { detail: why, until } = found;
    return { kind, detail: why, ...(kind === 'budget' && until !== undefined ? { until } : {}) };
  }
  const known = all.flatMap(({ until }) => (until === undefined || until <= now ? [] : [until.getTime()]));
  const until = new Date(Math.min(now.getTime() + pollingInterval, ...known));
  return { kind: 'no_credits', detail, until };
}

/** Providers that were not even tried. */
function fromState(refusals: readonly Refusal[], candidates: readonly Candidate[], now: Date): Refusal[] {
  const tried = new Set(refusals.map(({ providerId }) => providerId));
  return candidates
    .filter((each) => !tried.has(each.provider.id) && !isReady(each, now))
    .map((each) => describe(each));
}

function describe(each: Candidate): Refusal {
  const { current, provider, blockedUntil } = each;
  const base = { providerId: provider.id, reason: reasonOf(each) };
  if (isViable(each)) {
    const detail = `Provider ${provider.id} asked to be left alone for a while.`;
    return {
      ...base,
      because: 'wait',
      detail,
      ...(blockedUntil === undefined ? {} : { until: blockedUntil }),
    };
  }
  const until = current.exhaustedUntil === undefined ? {} : { until: current.exhaustedUntil };
  return { ...base, because: 'unusable', detail: `Provider ${provider.id} ${whyNot(current)}.`, ...until };
}

function whyNot(current: Candidate['current']): string {
  if (!current.enabled) return 'is switched off';
  if (current.exhaustedAt !== undefined) return 'says that it is out of money';
  if (current.creditsAvailable !== undefined && current.creditsAvailable <= 0) return 'has no credits left';
  return `failed ${current.consecutiveFailures} times in a row`;
}

/** Why a project leaves a provider that is in this state. */
export function reasonOf({ current, blockedUntil }: Candidate): SwitchReason {
  if (!current.enabled) return 'manual';
  const empty = current.creditsAvailable !== undefined && current.creditsAvailable <= 0;
  if (current.exhaustedAt !== undefined || empty) return 'credits_exhausted';
  return blockedUntil === undefined ? 'api_error' : 'rate_limit';
}

/** An outage that did not last long enough to exclude the provider is worth another try soon. */
function afterOutage(refusal: Refusal, candidates: readonly Candidate[], now: Date): Refusal {
  if (refusal.because !== 'failed') return refusal;
  const found = candidates.find(({ provider }) => provider.id === refusal.providerId);
  if (found === undefined || !isViable(found)) return refusal;
  const { blockedUntil } = found;
  const blocked = blockedUntil !== undefined && blockedUntil > now;
  return {
    ...refusal,
    because: 'wait',
    until: blocked ? blockedUntil : new Date(now.getTime() + AFTER_OUTAGE_MS),
  };
}

/** What a failed attempt says of its provider, for this call. */
export function refusalOf(providerId: string, failure: ModelFailure): Refusal {
  const because =
    failure.kind === 'context'
      ? 'context'
      : failure.kind === 'malformed' || failure.kind === 'request'
        ? 'malformed'
        : failure.kind === 'outage' || failure.kind === 'rate'
          ? 'failed'
          : 'unusable';
  return {
    providerId,
    because,
    detail: `Provider ${providerId}: ${failure.message}`,
    reason: switchReasonOf(failure),
    ...(failure.resetAt === undefined ? {} : { until: failure.resetAt }),
  };
}
