import type { NewId } from '../../lib/ids.ts';
import type { Config } from '../config/config.ts';
import type { FactsOf, Halt, KeyVault, LogStore, Meter, Models, PriceOf, StateStore } from '../ports.ts';
import type { ToolSpec } from '../model/message.ts';
import type { NewEvent } from '../model/event.ts';
import type { EstimateTokens } from './calls/estimate.ts';
import type { CostEntry } from '../model/finance.ts';
import { type Candidate, candidate } from './providers/select.ts';

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
  /** What is known of a provider's model. */
  factsOf: FactsOf;
  config: Pick<Config, 'budgets' | 'agent' | 'pollingInterval'>;
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

/** All providers as they are now. */
export async function loadCandidates(deps: Pick<FinanceDeps, 'state' | 'meter'>): Promise<Candidate[]> {
  const { providers } = await deps.state.providers().get();
  const live = await deps.meter.live(providers.map(({ id }) => id));
  return providers.map((provider) => candidate(provider, live.get(provider.id)));
}

/** Live figures of a moment ago are good enough for a first choice: the reservation has the last word. Milliseconds. */
const GLANCE_MS = 250;

/** All providers: fresh from Redis, or at a glance, with live figures that calls of this process share for a moment. */
export interface Market {
  glance(): Promise<Candidate[]>;
  look(): Promise<Candidate[]>;
  /** The figures that are shared are out of date: a probe has changed them. */
  forget(): void;
}

/** The file is looked at every time: a new key or a provider that was switched off counts at the next call. */
export function createMarket(deps: Pick<FinanceDeps, 'state' | 'meter'>): Market {
  let seen: { ids: string; at: number; live: ReturnType<FinanceDeps['meter']['live']> } | undefined;
  const read = async (how: 'glance' | 'look') => {
    const { providers } = await deps.state.providers().get();
    const names = providers.map(({ id }) => id);
    const ids = names.join('\n');
    const now = performance.now();
    if (how === 'look' || seen === undefined || seen.ids !== ids || now - seen.at > GLANCE_MS) {
      seen = { ids, at: now, live: deps.meter.live(names) };
    }
    const mine = seen;
    try {
      const live = await mine.live;
      return providers.map((provider) => candidate(provider, live.get(provider.id)));
    } catch (error) {
      if (seen === mine) seen = undefined;
      throw error;
    }
  };
  return {
    glance: () => read('glance'),
    look: () => read('look'),
    forget() {
      seen = undefined;
    },
  };
}

/** The ledger of a project, or the factory's own. */
export function ledgerOf(deps: Pick<FinanceDeps, 'state' | 'factoryCosts'>, projectId: string) {
  return projectId === FACTORY ? deps.factoryCosts : deps.state.costs(projectId);
}
