import { isOfFuture } from '../../../lib/clock.ts';
import { formatUsd } from '../../../lib/text/usd.ts';
import type { Setback } from '../../model/money/finance.ts';
import type { ModelFailure } from '../../ports.ts';

/*
 * A failure that repeats at every call of a project while others, or a probe, are answered: the conversation itself, its
 * length or the tools are what the provider fails at. Nothing but a reply to the project ends it. After some rounds the
 * conversation is made smaller, once; after some more the provider is left, and where there is no other one the project
 * is paused: for an hour, or for its owner where another try would be refused, or paid for, in vain. An answer that nobody
 * knows may be either, and is waited for like a failure.
 */

const HOUR = 3_600_000;
/** Rounds at which a provider is given up for a project. What it refuses by name it would refuse again. */
const ROUNDS: Readonly<Record<Setback['kind'], number>> = {
  ...{ outage: 3, config: 3, money: 3, rate: 3 },
  ...{ malformed: 1, request: 1, refusal: 1 },
};
/** The same where its answer is not known: it may mean anything. */
const ROUNDS_UNKNOWN = 3;
/** The same after the conversation was made smaller. */
const ROUNDS_AFTER = 2;
/** Rounds after which nobody pays for another one unasked. */
const MOST_PAID_ROUNDS = 6;

/** What one call of a project has met at one provider. */
export interface Met {
  provider: string;
  failure: ModelFailure;
  failures: number;
  cost: number;
  /** When the provider last answered anybody, before this call. */
  answeredAt?: Date;
}

const COUNTED: ReadonlySet<string> = new Set(Object.keys(ROUNDS));
/** What is no fault of the call as long as nobody else is answered either. */
const OF_EVERYBODY: ReadonlySet<string> = new Set(['config', 'money', 'rate']);

/** Nobody was there, or it said that it is busy before it did anything: what an outage is like that has nothing to do with the call. */
function isAway({ kind, status, perhapsBilled }: ModelFailure): boolean {
  if (perhapsBilled) return false;
  if (kind === 'rate') return true;
  if (kind !== 'outage') return false;
  return status === undefined || [429, 502, 503, 520, 521, 522, 523, 529].includes(status);
}

/**
 * The setbacks of a project after a call.
 *
 * A round that a provider was away or busy does not count before an hour: it costs nothing, and outages of a night end by
 * themselves. That a provider is out of money, limits requests or lacks the model counts where it has answered others in
 * between: a probe is small, and what it pays for, or lets through, is not what the work needs.
 *
 * @param replied the provider that answered, whose setback is over
 */
export function afterCall(
  before: readonly Setback[],
  met: readonly Met[],
  replied: string | undefined,
  now: Date,
): Setback[] {
  const found = new Map(before.map((each) => [each.provider, each]));
  for (const { provider, failure, failures, cost, answeredAt } of met) {
    const { kind } = failure;
    if (!isCounted(kind)) continue;
    const old = found.get(provider);
    const since = old?.since ?? now;
    const alone =
      !OF_EVERYBODY.has(kind) || (old !== undefined && answeredAt !== undefined && answeredAt > old.at);
    const counts = alone && (!isAway(failure) || now.getTime() - since.getTime() >= HOUR);
    found.set(provider, {
      provider,
      kind,
      detail: failure.message,
      since,
      at: now,
      rounds: (old?.rounds ?? 0) + (counts ? 1 : 0),
      failures: (old?.failures ?? 0) + failures,
      cost: (old?.cost ?? 0) + cost,
      squeezed: old?.squeezed ?? false,
      ...(failure.unknown ? { unknown: true } : {}),
    });
  }
  if (replied !== undefined) found.delete(replied);
  return [...found.values()];
}

function isCounted(kind: string): kind is Setback['kind'] {
  return COUNTED.has(kind);
}

const roundsOf = ({ kind, unknown }: Setback): number => (unknown ? ROUNDS_UNKNOWN : ROUNDS[kind]);

/** Not to be asked for this project again, for an hour at least. */
export function isGivenUp(setback: Setback, now: Date): boolean {
  const { rounds, squeezed, at } = setback;
  const most = squeezed ? Math.min(roundsOf(setback), ROUNDS_AFTER) : roundsOf(setback);
  return rounds >= most && now.getTime() - at.getTime() < HOUR && !isOfFuture(at, now);
}

/** When a provider that was given up is tried again without a word of the owner; `undefined`: never. */
export function triedAgainAt(setback: Setback): Date | undefined {
  const { rounds, cost, at } = setback;
  const isRefusedByName = roundsOf(setback) === 1;
  if (isRefusedByName || (cost > 0 && rounds >= MOST_PAID_ROUNDS)) return undefined;
  return new Date(at.getTime() + HOUR);
}

/** After the conversation was made smaller every provider gets another chance. */
export function afterSqueeze(setbacks: readonly Setback[]): Setback[] {
  return setbacks.map((each) => ({ ...each, rounds: 0, squeezed: true }));
}

/** Its owner has changed a provider, its key or its credits: it gets another chance. */
export function afterChange(setbacks: readonly Setback[], provider: string): Setback[] {
  return setbacks.map((each) => (each.provider === provider ? { ...each, rounds: 0 } : each));
}

const WHAT: Readonly<Record<Setback['kind'], string>> = {
  outage: 'fails at this conversation',
  malformed: 'refuses the form of this conversation',
  request: 'refuses the requests of this project',
  refusal: 'refuses this conversation by its policy',
  config: 'answers others but has no answer for this project',
  money: 'answers what is small but wants more money for this conversation',
  rate: 'answers others but limits every call of this project',
};

/** For people, with the provider's own words and what it cost. */
export function describeSetback({ provider, kind, failures, cost, detail }: Setback): string {
  const times = failures === 1 ? 'once' : `${failures} times`;
  const paid = cost > 0 ? `, up to ${formatUsd(cost)}` : '';
  return `Provider ${provider} ${WHAT[kind]} (${times}${paid}): ${detail}`;
}
