import type { NewId } from '../../lib/ids.ts';
import type { Config } from '../config.ts';
import type { KeyVault, LogStore, Meter, Models, PriceOf, StateStore } from '../ports.ts';
import type { FactoryEvent } from '../project/event.ts';
import type { EstimateTokens } from './estimate.ts';
import type { CostEntry } from './finance.ts';
import { type Candidate, candidate } from './select.ts';

/** Bookings and events that belong to no project (probes) are booked on this name. */
export const FACTORY = 'factory';

/** What the finance manager needs of the world. */
export interface FinanceDeps {
  state: Pick<StateStore, 'providers' | 'finance' | 'costs' | 'project'>;
  /** data/costs.jsonl: bookings that belong to no project. */
  factoryCosts: LogStore<CostEntry>;
  meter: Meter;
  models: Models;
  vault: KeyVault;
  /** Prices known for a provider; its own `free` is looked at before. */
  priceOf: PriceOf;
  config: Pick<Config, 'budgets' | 'agent' | 'pollingInterval'>;
  /** The audit log. `projectId` is `factory` for what concerns no single project. */
  record(event: Omit<FactoryEvent, 'timestamp'>): Promise<void>;
  /** A failure in the background that changes nothing of the outcome, for the log. */
  onProblem(error: unknown): void;
  now(): Date;
  newId: NewId;
  /** From 0 to 1. */
  chance(): number;
  /** Resolves early when the signal is cut. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  estimateTokens: EstimateTokens;
}

/** USD for a usage: nothing for what its owner called free. */
export function priceWith(priceOf: PriceOf): PriceOf {
  return (provider, used) => (provider.free ? 0 : priceOf(provider, used));
}

/** All providers as they are now: two reads, of which the first is cached by the store. */
export async function loadCandidates(deps: Pick<FinanceDeps, 'state' | 'meter'>): Promise<Candidate[]> {
  const { providers } = await deps.state.providers().get();
  const live = await deps.meter.live(providers.map(({ id }) => id));
  return providers.map((provider) => candidate(provider, live.get(provider.id)));
}

/** The ledger of a project, or the factory's own. */
export function ledgerOf(deps: Pick<FinanceDeps, 'state' | 'factoryCosts'>, projectId: string) {
  return projectId === FACTORY ? deps.factoryCosts : deps.state.costs(projectId);
}
