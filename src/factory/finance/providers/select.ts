import { isOfFuture } from '../../../lib/clock.ts';
import type { ProviderConfig } from '../../model/money/finance.ts';
import type { ProviderLive } from '../../ports.ts';

/** So many failures in a row exclude a provider until a probe succeeds. */
export const MAX_FAILURES = 3;
/** After a switch the project stays at least this long (milliseconds): every switch costs the vendor's prompt cache. */
const STAY_MS = 60_000;
const HOUR = 3_600_000;

/** A provider as it stands in providers.yaml, and as it is at this moment. */
export interface Candidate {
  provider: ProviderConfig;
  /**
   * The same with what is left in the place of what was configured: `creditsAvailable` and
   * `rateLimit.tokensPerMinute` (which may be 0 or less), and with its live health.
   */
  current: ProviderConfig;
  /** It asked to be left alone until then. */
  blockedUntil?: Date;
}

/** Puts live figures in the place of configured ones. Missing figures: Redis knows nothing, providers.yaml counts. */
export function candidate(provider: ProviderConfig, live: ProviderLive | undefined): Candidate {
  const { health } = live ?? {};
  const current: ProviderConfig = { ...provider, rateLimit: { ...provider.rateLimit } };
  if (live !== undefined) {
    if (provider.creditsAvailable !== undefined) {
      current.creditsAvailable = provider.creditsAvailable - live.spentUsd - live.reservedUsd;
    }
    if (provider.rateLimit.tokensPerMinute !== undefined) {
      current.rateLimit.tokensPerMinute = provider.rateLimit.tokensPerMinute - live.tokensThisMinute;
    }
  }
  if (health === undefined) return { provider, current };
  const { blockedUntil, ...known } = health;
  delete current.lastSuccessAt;
  delete current.lastFailureAt;
  delete current.probedAt;
  if (!isOut(known) || isOut(provider)) {
    delete current.exhaustedAt;
    delete current.exhaustedUntil;
    Object.assign(current, known);
  } else {
    // It fell out, which providers.yaml was told of, and the file says no more: its owner gave it another chance.
    const { exhaustedAt: _was, exhaustedUntil: _until, consecutiveFailures: _count, ...moments } = known;
    Object.assign(current, moments);
  }
  return { provider, current, ...(blockedUntil === undefined ? {} : { blockedUntil }) };
}

interface Health {
  consecutiveFailures: number;
  exhaustedAt?: Date | undefined;
  lastFailureAt?: Date | undefined;
  probedAt?: Date | undefined;
}

/** Not to be used until a probe succeeds. */
export function isOut(health: Health): boolean {
  return (
    health.exhaustedAt !== undefined || (health.consecutiveFailures >= MAX_FAILURES && !isProbed(health))
  );
}

/** A probe has succeeded since its last failure. */
function isProbed({ probedAt, lastFailureAt }: Health): boolean {
  return probedAt !== undefined && (lastFailureAt === undefined || probedAt > lastFailureAt);
}

/** Real calls failed, and a probe has succeeded since: one call at a time may show whether they succeed again. */
export function isOnTrial({ current }: Candidate): boolean {
  return current.consecutiveFailures > 0 && isProbed(current);
}

/** When it last answered: a real call, or a probe. */
export function answeredBefore({ current: { lastSuccessAt, probedAt } }: Candidate): { answeredAt?: Date } {
  const last = Math.max(lastSuccessAt?.getTime() ?? 0, probedAt?.getTime() ?? 0);
  return last === 0 ? {} : { answeredAt: new Date(last) };
}

/**
 * The specification's viability (§3.1): enabled, with credits, fewer than three failures in a row; and not out of money
 * by its own word.
 */
export function isViable({ current }: Candidate): boolean {
  return (
    current.enabled &&
    (current.free || current.creditsAvailable === undefined || current.creditsAvailable > 0) &&
    !isOut(current)
  );
}

/** Viable, and not asked to leave it alone just now. */
export function isReady(each: Candidate, now: Date): boolean {
  return isViable(each) && (each.blockedUntil === undefined || each.blockedUntil <= now);
}

/**
 * The specification's `selectProvider`: the viable provider with the highest score, the first of equals.
 *
 * @param requiredTokens input and output of the call, estimated
 */
export function selectProvider(
  candidates: readonly Candidate[],
  requiredTokens: number,
  now: Date,
): Candidate | null {
  const scored = candidates
    .filter((each) => isReady(each, now))
    .map((each) => ({ each, score: calculateProviderScore(each.current, requiredTokens, now) }))
    .sort((a, b) => b.score - a.score);
  return scored[0]?.each ?? null;
}

/** The specification's formula. What is not limited counts as the most that its term can give. */
export function calculateProviderScore(current: ProviderConfig, requiredTokens: number, now: Date): number {
  const { creditsAvailable, lastSuccessAt } = current;
  const { tokensPerMinute } = current.rateLimit;
  let score = (10 - current.priority) * 10;
  score += creditsAvailable === undefined ? 50 : Math.min(creditsAvailable * 10, 50);
  score += tokensPerMinute === undefined ? 20 : Math.min((tokensPerMinute - requiredTokens) / 1_000, 20);
  score -= current.consecutiveFailures * 15;
  if (lastSuccessAt !== undefined) {
    const hours = Math.max(0, now.getTime() - lastSuccessAt.getTime()) / HOUR;
    score += Math.max(10 - hours, 0);
  }
  return score;
}

export interface Choice {
  candidates: readonly Candidate[];
  requiredTokens: number;
  now: Date;
  /** The provider of the project's last turn. */
  currentId?: string;
  /** When the project came to it, if by a switch. */
  switchedAt?: Date;
  /** When its owner moved it there. */
  orderedAt?: Date;
  /** Ids that were tried for this call already, or cannot take it. */
  exclude: ReadonlySet<string>;
  /** The provider whose work is judged: one of another vendor is taken where there is one, then another model. */
  avoidProvider?: string;
}

/**
 * The provider for a call. A project keeps its provider for as long as that is ready, and goes back to one with a better
 * priority only when that is proved healthy, where its owner moved it by a probe since then; equals are not swapped for a few points of
 * score.
 *
 * @returns `null` when none is ready
 */
export function chooseProvider(choice: Choice): Candidate | null {
  const { requiredTokens, now, exclude } = choice;
  const allowed = choice.candidates.filter((each) => !exclude.has(each.provider.id));
  if (choice.avoidProvider !== undefined) return chooseOther(choice, allowed, choice.avoidProvider);
  const best = selectProvider(allowed, requiredTokens, now);
  const current = allowed.find((each) => each.provider.id === choice.currentId);
  if (best === null || current === undefined || !isReady(current, now)) return best;
  // Failures cost a provider its score, so one that may be tried again is looked for by itself.
  const tried = allowed
    .filter((each) => isOnTrial(each) && isReady(each, now))
    .sort((a, b) => a.provider.priority - b.provider.priority)[0];
  if (tried !== undefined && mayReturn(choice, current, tried)) return tried;
  return mayReturn(choice, current, best) ? best : current;
}

function mayReturn({ switchedAt, orderedAt, now }: Choice, from: Candidate, to: Candidate): boolean {
  const stayed =
    switchedAt === undefined ||
    now.getTime() - switchedAt.getTime() >= STAY_MS ||
    isOfFuture(switchedAt, now);
  // That it answers other projects was so when the order was given, too: a probe is news.
  const { probedAt } = to.current;
  const free =
    orderedAt === undefined || (probedAt !== undefined && probedAt > orderedAt) || isOfFuture(orderedAt, now);
  const preferred = to.provider.priority < from.provider.priority;
  return stayed && free && preferred && (isProvedHealthy(to) || isOnTrial(to));
}

/** Its last answer was a good one. A provider that never failed needs no proof. */
export function isProvedHealthy({ current }: Candidate): boolean {
  const { lastSuccessAt, lastFailureAt, consecutiveFailures } = current;
  if (consecutiveFailures > 0) return false;
  return lastFailureAt === undefined || (lastSuccessAt !== undefined && lastSuccessAt > lastFailureAt);
}

function chooseOther(choice: Choice, allowed: readonly Candidate[], avoid: string): Candidate | null {
  const author = choice.candidates.find(({ provider }) => provider.id === avoid)?.provider;
  const groups = [
    allowed.filter(({ provider }) => provider.id !== avoid && vendorOf(provider) !== vendorOf(author)),
    allowed.filter(({ provider }) => provider.id !== avoid),
    allowed,
  ];
  for (const group of groups) {
    const found = selectProvider(group, choice.requiredTokens, choice.now);
    if (found !== null) return found;
  }
  return null;
}

/** Two endpoints are two vendors, also where both speak one vendor's language. */
export function vendorOf(provider: ProviderConfig | undefined): string {
  return provider === undefined ? '' : `${provider.name} ${provider.baseUrl ?? provider.adapter ?? ''}`;
}
