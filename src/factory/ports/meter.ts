import type { ProviderConfig } from '../model/money/finance.ts';

/**
 * Live money, rates and provider health, kept in Redis for all workers and machines; rebuilt from the ledgers when Redis
 * was emptied or restarted. Every method is atomic across workers and waits for a rebuild that is under way.
 *
 * Throws `environment`/`ledger_unreadable` when the rebuild cannot read what was spent: nothing is granted then.
 */
export interface Meter {
  /** A refused request consumes nothing. Asking again with the id of an open reservation gives the same grant. */
  reserve(request: MeterRequest): Promise<MeterAnswer>;
  /** Replaces the reservation by what was spent. Settling twice counts once. */
  settle(reservationId: string, spent: Settlement): Promise<MeterTotals>;
  /** Gives the money back; the request still counts for the rates. */
  release(reservationId: string): Promise<void>;
  /** What is left now, for the score, and how each provider was doing last. Moments are on this machine's clock. */
  live(providerIds: readonly string[]): Promise<Map<string, ProviderLive>>;
  /** @returns the health before and after, so that exactly one caller sees a change. */
  report(providerId: string, news: ProviderNews): Promise<{ before: ProviderHealth; after: ProviderHealth }>;
  /** Reservations that nobody settled in time, since this was asked last: the holder is dead, and they count as spent. */
  expired(): Promise<ExpiredReservation[]>;
  /** @returns true for exactly one caller per `key` within `ttlMs`. */
  once(key: string, ttlMs: number): Promise<boolean>;
}

export interface ExpiredReservation {
  reservationId: string;
  providerId: string;
  projectId: string;
  usd: number;
}

export interface Settlement {
  usd: number;
  tokens: number;
  /** The reply was lost: counted for every limit, shown apart. */
  possible?: boolean;
  /** The provider answered well. After a `call` its failures are forgotten; a `probe` only earns it a call that is tried. */
  healthy?: 'call' | 'probe';
  /** Where to book when the reservation is not known any more. Give it only with a ledger row that is new. */
  account?: { providerId: string; projectId: string };
  /** Whose totals are wanted, where neither of the two says it: of what was settled before nothing else is known. */
  projectId?: string;
}

/** USD so far, after a settlement. */
export interface MeterTotals {
  projectSpent: number;
  /** The part of `projectSpent` whose replies were lost. */
  projectPossible: number;
  lastHour: number;
  lastDay: number;
}

export interface ProviderLive {
  spentUsd: number;
  reservedUsd: number;
  tokensThisMinute: number;
  requestsThisMinute: number;
  requestsToday: number;
  /** Missing: nothing known since Redis was emptied; providers.yaml has what was known before. */
  health?: ProviderHealth;
}

export interface ProviderHealth {
  consecutiveFailures: number;
  lastSuccessAt?: Date;
  lastFailureAt?: Date;
  /** A probe succeeded then. */
  probedAt?: Date;
  /** It asked to be left alone until then. */
  blockedUntil?: Date;
  /** Out of money by its own word, until a probe says otherwise. */
  exhaustedAt?: Date;
  /** When it said that the money comes back. */
  exhaustedUntil?: Date;
}

export type ProviderNews =
  | { kind: 'success' }
  | { kind: 'failure' }
  /** A call tries whether its real calls succeed again: whoever sees `probedAt` before is the one that may. */
  | { kind: 'trial' }
  /** Its key, endpoint or credits were changed by its owner: what was known of it counts no more. */
  | { kind: 'forget' }
  /** `waitMs` missing: longer from refusal to refusal, at most a minute. */
  | { kind: 'rate'; waitMs?: number }
  /** `waitMs`: when it said that the money comes back. */
  | { kind: 'money'; waitMs?: number };

export interface MeterRequest {
  reservationId: string;
  provider: ProviderConfig;
  projectId: string;
  /** Spending cap of the project in USD, and those of the factory. Missing: none. */
  projectBudget?: number;
  budgetPerDay?: number;
  budgetPerHour?: number;
  usd: number;
  /** The least USD that would still do (with a lower maximum output). */
  minimumUsd: number;
  tokens: number;
  /** Dead workers' reservations end after this many milliseconds and are then counted as spent. */
  ttlMs: number;
}

export type MeterAnswer =
  /** `usd`: what the call may plan with. `heldUsd`: that and what calls of this provider were underestimated by lately. */
  | { granted: true; usd: number; heldUsd: number }
  | { granted: false; limit: 'rate'; retryAt: Date }
  /** `retryAt` is there when waiting helps: open reservations may give money back, or a window moves on. */
  | { granted: false; limit: 'credits' | 'day_budget' | 'hour_budget'; retryAt?: Date }
  /** `leftUsd`: of the cap, but for what was spent; below zero where that was more. */
  | { granted: false; limit: 'project_budget'; retryAt?: Date; leftUsd: number };
