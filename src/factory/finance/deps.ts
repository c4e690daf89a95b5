import type { NewId } from '../../lib/ids.ts';
import type { Config } from '../config/config.ts';
import type { NewEvent } from '../model/event.ts';
import type { ToolSpec } from '../model/message.ts';
import type { CostEntry } from '../model/money/finance.ts';
import type { FactsOf, Halt, KeyVault, LogStore, Meter, Models, PriceOf, StateStore } from '../ports.ts';
import type { EstimateTokens } from './calls/estimate.ts';

/** Bookings and events that belong to no project (probes) are booked on this name. */
export const FACTORY = 'factory';

/** What the finance manager needs of the world. */
export interface FinanceDeps {
  state: Pick<StateStore, 'providers' | 'finance' | 'costs' | 'project' | 'agent' | 'tasks'>;
  /** data/costs.jsonl: bookings that belong to no project. */
  factoryCosts: LogStore<CostEntry>;
  meter: Meter;
  models: Models;
  vault: KeyVault;
  /** Prices known for a provider; its own `free` is looked at before. */
  priceOf: PriceOf;
  /** What is known of a provider's model. */
  factsOf: FactsOf;
  config: Pick<
    Config,
    'budgets' | 'agent' | 'pollingInterval' | 'workHours' | 'timezone' | 'tiers' | 'routing'
  >;
  /** The audit log. `projectId` is `factory` for what concerns no single project. */
  record(event: NewEvent): Promise<void>;
  /** A failure in the background that changes nothing of the outcome, for the log. */
  onProblem(error: unknown): void;
  /** The owner's emergency stop: while it is on, no call is made. Missing: there is none. */
  halted?(): Halt | null;
  now(): Date;
  newId: NewId;
  /** From 0 to 1. */
  chance(): number;
  /** Resolves early when the signal is cut. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  estimateTokens: EstimateTokens;
  /** USD that a project may spend at this moment, its branches' shares taken off; `undefined` without a cap. */
  budgetOf(projectId: string): Promise<number | undefined>;
  /** The tools of an agent, as a probe offers them. */
  tools: readonly ToolSpec[];
}

/** USD for a usage: nothing for what its owner called free. */
export function priceWith(priceOf: PriceOf): PriceOf {
  return (provider, used) => (provider.free ? 0 : priceOf(provider, used));
}

/** The ledger of a project, or the factory's own. */
export function ledgerOf(deps: Pick<FinanceDeps, 'state' | 'factoryCosts'>, projectId: string) {
  return projectId === FACTORY ? deps.factoryCosts : deps.state.costs(projectId);
}
