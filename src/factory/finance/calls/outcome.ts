import type { ProviderConfig, Setback, SwitchReason } from '../../model/money/finance.ts';
import type { PaidOutcome } from '../../ports.ts';
import { needsProbe } from '../health/polling.ts';
import { describeSetback, isGivenUp, triedAgainAt } from '../health/setbacks.ts';
import { answeredBefore, type Candidate, isReady, isViable } from '../providers/select.ts';

/** Why a provider did not take a call. */
export interface Refusal {
  providerId: string;
  because: 'wait' | 'context' | 'refused' | 'budget' | 'unusable' | 'failed';
  /** Of `unusable` and `failed`: what would have to change. `off`: its owner switched it off. */
  cause?: 'provider' | 'credits' | 'key' | 'off';
  detail: string;
  /** When it may take one. */
  until?: Date;
  /** Of `budget`: a cap over all projects is smaller than the smallest call. Of `context`: than this one. */
  cap?: true;
  /** Of `budget`: the project's own pays for this call no more, and has so much left. */
  leftUsd?: number;
  reason: SwitchReason;
}

/** A provider that just failed but is not excluded yet is asked again after this many milliseconds. */
const AFTER_OUTAGE_MS = 15_000;
const HOUR = 3_600_000;
/** Whoever is out of money says for how long; a wait that is longer is nothing to wait for without a word to the owner. */
const LONGEST_NAMED_MS = 24 * HOUR;

export interface Ending {
  refusals: readonly Refusal[];
  /** As they are now, after the failures of this call were reported. */
  candidates: readonly Candidate[];
  /** Of the project, this call included. */
  setbacks: readonly Setback[];
  now: Date;
  pollingInterval: number;
  /** What the smallest call of a provider costs; `null`: not known. */
  leastUsd(provider: ProviderConfig): number | null;
}

/**
 * What to tell the caller when no provider took the call, in this order: something opens up by itself (wait); a smaller
 * conversation would help; the owner's cap; somebody may come back (probes find out when); only its owner can help. A provider that
 * is away for a while is waited for before the owner is asked for anything, unless the project's own budget has nothing left for it.
 */
export function conclude(ending: Ending): PaidOutcome {
  const { refusals, candidates, setbacks, now, pollingInterval } = ending;
  const all = [...refusals, ...fromState(refusals, candidates, now)].map((refusal) =>
    givenUp(afterOutage(refusal, candidates, now), setbacks, now, pollingInterval),
  );
  const detail = all.map((each) => each.detail).join(' ') || 'No provider is set up: df provider add.';
  const waits = all.filter((each) => each.because === 'wait' && each.until !== undefined);
  const earliest = waits.sort((a, b) => Number(a.until) - Number(b.until))[0];
  if (earliest?.until !== undefined) {
    const what = earliest.reason === 'rate_limit' ? 'rate' : 'provider';
    return { kind: 'wait', for: what, until: earliest.until, detail: earliest.detail };
  }
  const away = candidates.filter((each) => isAway(each, all));
  const left = all.flatMap(({ leftUsd }) => leftUsd ?? [])[0];
  const wait = away.some((each) => isSoonBack(each, now) && isPaid(each, left, ending))
    ? {
        ...{ kind: 'wait' as const, for: 'provider' as const },
        until: new Date(now.getTime() + pollingInterval),
        detail,
      }
    : undefined;
  const context = all.find((each) => each.because === 'context');
  if (context !== undefined) {
    const later = { kind: 'refused' as const, detail, until: new Date(now.getTime() + HOUR) };
    const isCap = all.some((each) => each.because === 'context' && each.cap);
    const alone = isCap ? { ...later, cap: true as const } : undefined;
    const otherwise = wait ?? (away.length > 0 ? later : alone);
    return { kind: 'context', detail: context.detail, ...(otherwise === undefined ? {} : { otherwise }) };
  }
  const mayReturn = all.some(({ cause }) => cause === 'provider' || cause === 'credits');
  const refused = all.filter((each) => each.because === 'refused');
  if (refused.length > 0) {
    const ids = refused.map(({ providerId }) => providerId);
    const met = setbacks.filter(({ provider }) => ids.includes(provider));
    const squeezed = met.every((each) => each.squeezed);
    if (!squeezed || !mayReturn) {
      const again = met.flatMap((each) => triedAgainAt(each)?.getTime() ?? []);
      return {
        ...{ kind: 'refused', detail: refused.map((each) => each.detail).join(' '), squeezed },
        ...(again.length === 0 ? {} : { until: new Date(Math.min(...again)) }),
      };
    }
  }
  const budgets = all.filter((each) => each.because === 'budget');
  const budget = budgets.find(({ cap }) => !cap) ?? budgets[0];
  if (budget !== undefined) return wait ?? overBudget(budget, now);
  const known = all.flatMap(({ until }) => (until === undefined || until <= now ? [] : [until.getTime()]));
  const until = new Date(Math.min(now.getTime() + pollingInterval, ...known));
  return { kind: 'no_provider', for: waitedFor(all), detail, until };
}

/** Where no call fits a cap over all projects, its owner is told, and whether it was raised is looked at every hour. */
function overBudget({ detail, until, cap }: Refusal, now: Date): PaidOutcome {
  if (cap) return { kind: 'refused', detail, squeezed: true, until: new Date(now.getTime() + HOUR), cap };
  return { kind: 'budget', detail, ...(until === undefined ? {} : { until }) };
}

/** A probe would bring it back, and nothing but that it is away keeps it from the call. */
const isAway = (each: Candidate, refusals: readonly Refusal[]): boolean =>
  needsProbe(each) &&
  refusals.some(
    ({ providerId, because }) =>
      providerId === each.provider.id && (because === 'failed' || because === 'unusable'),
  );

/** What is left of the project's own budget, where that is known, pays for some call of it. */
const isPaid = ({ provider }: Candidate, left: number | undefined, { leastUsd }: Ending): boolean =>
  left === undefined || (leastUsd(provider) ?? 0) <= Math.max(0, left);

/** It answered within the hour, or the moment at which it has money again is near, or has come within the hour. */
function isSoonBack(each: Candidate, now: Date): boolean {
  const { exhaustedAt, exhaustedUntil } = each.current;
  if (exhaustedAt !== undefined) {
    const ahead = (exhaustedUntil?.getTime() ?? Number.POSITIVE_INFINITY) - now.getTime();
    return ahead > -HOUR && ahead <= LONGEST_NAMED_MS;
  }
  const { answeredAt } = answeredBefore(each);
  return answeredAt !== undefined && now.getTime() - answeredAt.getTime() < HOUR;
}

/** What ends the wait soonest: a provider comes back by itself, credits are bought quickly, a key takes its owner longest. */
function waitedFor(refusals: readonly Refusal[]): 'provider' | 'credits' | 'key' {
  const order = ['provider', 'credits', 'key'] as const;
  return order.find((cause) => refusals.some((each) => each.cause === cause)) ?? 'provider';
}

/** Providers that were not even tried. */
function fromState(refusals: readonly Refusal[], candidates: readonly Candidate[], now: Date): Refusal[] {
  const tried = new Set(refusals.map(({ providerId }) => providerId));
  return candidates
    .filter((each) => !tried.has(each.provider.id) && !isReady(each, now))
    .map((each) => describe(each));
}

function describe(each: Candidate): Refusal {
  const { provider, blockedUntil } = each;
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
  const { why, cause, until } = whyNot(each);
  const detail = `Provider ${provider.id} ${why}.`;
  return { ...base, because: 'unusable', cause, detail, ...(until === undefined ? {} : { until }) };
}

/** Why a provider that is not viable is none, in words that go on after its name; and until when, where it is known. */
export function whyNot({ current, provider }: Candidate): {
  why: string;
  cause: 'provider' | 'credits' | 'key' | 'off';
  until?: Date;
} {
  if (!current.enabled) {
    const { disabledReason } = provider;
    if (disabledReason === undefined) return { why: 'is switched off', cause: 'off' };
    return { why: `is switched off, for its key was refused (${disabledReason})`, cause: 'key' };
  }
  if (current.exhaustedAt !== undefined) {
    const until = current.exhaustedUntil;
    return {
      why: 'says that it is out of money',
      cause: 'credits',
      ...(until === undefined ? {} : { until }),
    };
  }
  if (current.creditsAvailable !== undefined && current.creditsAvailable <= 0)
    return { why: 'has no credits left', cause: 'credits' };
  const said = provider.lastFailure === undefined ? '' : ` (${provider.lastFailure})`;
  return { why: `failed ${current.consecutiveFailures} times in a row${said}`, cause: 'provider' };
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

/**
 * Whatever became of it in this call: a provider that was given up for the project is none to wait for. One that refuses and is not given
 * up has answered what nobody knows.
 */
function givenUp(
  refusal: Refusal,
  setbacks: readonly Setback[],
  now: Date,
  pollingInterval: number,
): Refusal {
  const found = setbacks.find(({ provider }) => provider === refusal.providerId);
  if (found === undefined) return refusal;
  if (!isGivenUp(found, now)) {
    if (refusal.because !== 'refused') return refusal;
    return { ...refusal, because: 'wait', until: new Date(now.getTime() + pollingInterval) };
  }
  const { until: _until, cause: _cause, ...rest } = refusal;
  return { ...rest, because: 'refused', detail: describeSetback(found) };
}

/** Providers that a project has given up are not asked by it. */
export function refusalsOf(setbacks: readonly Setback[], now: Date): Refusal[] {
  return setbacks
    .filter((each) => isGivenUp(each, now))
    .map((each) => ({
      providerId: each.provider,
      because: 'refused',
      detail: describeSetback(each),
      reason: 'api_error',
    }));
}
