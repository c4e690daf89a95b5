import * as z from 'zod';
import { type DarkFactoryError, usageError } from '../../lib/failure.ts';
import {
  type CostEntry,
  costEntry,
  type FinanceState,
  type ProviderConfig,
  type SwitchReason,
  switchReason,
} from '../model/money/finance.ts';
import { ENDED } from '../model/project.ts';
import type { FinanceManager, Meter } from '../ports.ts';
import { summariseCosts, type TreeCosts } from './books/costs.ts';
import { createFinanceStates } from './books/finance-state.ts';
import { usableFor } from './calls/scope.ts';
import { FACTORY, type FinanceDeps, ledgerOf } from './deps.ts';
import { loadCandidates } from './providers/live-providers.ts';
import { type ChangeDeps, createProviderChanges } from './providers/provider-changes.ts';
import type { ProviderChange, ProviderOrder } from './providers/provider-order.ts';
import { findProvider } from './providers/providers.ts';
import { candidate, selectProvider } from './providers/select.ts';
import { tierOf } from './routing/tiers.ts';

/** A provider as others may see it: without its key, sealed or not. */
export type ProviderView = Omit<ProviderConfig, 'apiKey'>;

/** The specification's FinanceState, with the providers and the ledger. */
export interface FinanceView extends FinanceState {
  providers: ProviderView[];
  /** One entry for each request, in order. */
  costHistory: CostEntry[];
}

/** What was spent outside of the factory's own calls. Amounts in USD. */
export type OutsideCost = Pick<CostEntry, 'provider' | 'model' | 'tokensUsed' | 'cost' | 'operation'> & {
  timestamp?: Date;
  /** The same id is booked once, however often it is handed in. Missing: a fresh one. */
  requestId?: string;
};

/**
 * The specification's FinanceManager (§4.3) by its own names. Its arguments come first; where it leaves out the project, that comes
 * last: providers are shared, what a project uses and spends is its own. No key is ever in an answer.
 *
 * Adding, changing and removing providers needs no Redis; all else throws `environment`/`redis_unreachable` without one.
 */
export interface FinanceApi {
  /**
   * Adds a provider. Its key is sealed before anything is written.
   *
   * @throws DarkFactoryError `usage`: `provider_exists`, `provider_invalid`, `provider_price_unknown`, `model_unknown` and others of the
   *   kind; `environment`: `master_key_missing`
   */
  addProvider(config: ProviderOrder): Promise<ProviderView>;
  /** Throws `not_found`/`provider_not_found`. */
  removeProvider(providerId: string): Promise<void>;
  /** Throws `not_found`/`provider_not_found`, `usage`/`provider_invalid`. Workers take it up at their next call. */
  updateProvider(providerId: string, updates: ProviderChange): Promise<ProviderView>;
  /** USD left by the factory's own books; `Infinity` where no credit was named. Throws `not_found`/`provider_not_found`. */
  checkCredits(providerId: string): Promise<number>;
  /** One tiny real call, booked as `noop_probe`. @returns whether it answered. Throws `not_found`/`provider_not_found`. */
  probeProvider(providerId: string): Promise<boolean>;
  /** The provider that a call of so many tokens would go to now, by the specification's score; `null`: none is ready. */
  selectProvider(requiredTokens: number): Promise<ProviderView | null>;
  /**
   * Moves the project to the best provider that may work for it and is not its current one, or the one that its first call would go to;
   * `null` when there is none. There it stays for as long as that can be used and no probe of a preferred one succeeds.
   *
   * Throws `usage`/`project_ended`.
   */
  switchProvider(reason: SwitchReason, projectId: string): Promise<ProviderView | null>;
  /**
   * A project at work makes no call (`waiting_for_credits`) until a provider has answered a probe, which is asked for after
   * `pollingInterval`, or `exitPollingMode`. Throws `usage`/`project_not_active` for one that is not at work.
   */
  enterPollingMode(projectId: string): Promise<void>;
  /** Lets the project go on at once. One that does not wait for a provider stays as it is. */
  exitPollingMode(projectId: string): Promise<void>;
  /**
   * Books what was spent outside of the factory's own calls on a project: it counts against its budget and every cap. A booked cost
   * is never taken back or replaced. Throws `usage`/`cost_invalid`.
   */
  recordCost(entry: OutsideCost, projectId: string): Promise<void>;
  /** The ledgers of the project and of all that was forked from it, summed up. Needs no Redis. */
  getCostSummary(projectId: string): Promise<TreeCosts>;
  /** Needs no Redis. */
  getFinanceState(projectId: string): Promise<FinanceView>;
}

export interface FinanceApiDeps
  extends ChangeDeps,
    Pick<FinanceDeps, 'factoryCosts' | 'now' | 'newId' | 'record' | 'onProblem' | 'config'> {
  state: FinanceDeps['state'] & ChangeDeps['state'];
  meter(): Promise<Meter>;
  manager(): Promise<Pick<FinanceManager, 'probeProvider' | 'bookReply' | 'author'>>;
  /** The ledgers of a project and of all that was forked from it. */
  treeCosts(projectId: string): Promise<TreeCosts>;
  waiting: {
    waitForProvider(projectId: string, cause: 'provider', detail: string): Promise<void>;
    wakeOne(projectId: string, reason: string): Promise<boolean>;
    dispatch(projectId: string): Promise<void>;
    /** Asks for a probe of these providers after so many milliseconds. */
    requestProbesIn(ms: number, providerIds: readonly string[]): Promise<void>;
  };
}

export function createFinanceApi(deps: FinanceApiDeps): FinanceApi {
  const { state, waiting } = deps;
  const states = createFinanceStates(deps);
  const changes = createProviderChanges(deps);
  const candidates = async () => loadCandidates({ state, meter: await deps.meter() });

  return {
    addProvider: async (config) => withoutKey(await changes.add(config)),
    removeProvider: changes.remove,
    updateProvider: async (providerId, updates) => withoutKey(await changes.change(providerId, updates)),
    async checkCredits(providerId) {
      const provider = findProvider(await state.providers().get(), providerId);
      const live = await (await deps.meter()).live([providerId]);
      const { current } = candidate(provider, live.get(providerId));
      return Math.max(0, current.creditsAvailable ?? Number.POSITIVE_INFINITY);
    },
    probeProvider: async (providerId) => (await (await deps.manager()).probeProvider(providerId)).healthy,
    async selectProvider(requiredTokens) {
      const found = selectProvider(await candidates(), requiredTokens, deps.now());
      return found === null ? null : withoutKey(found.provider);
    },
    async switchProvider(reason, projectId) {
      if (!switchReason.safeParse(reason).success) throw noReason(reason);
      const { status, name } = await state.project(projectId).get();
      if (ENDED.has(status)) throw hasEnded(name, status);
      const current = await (await deps.manager()).author(projectId);
      const others = (await candidates()).filter(({ provider }) => provider.id !== current);
      const chosen = selectProvider(await usableFor(deps, projectId, others), 0, deps.now());
      if (chosen === null) return null;
      const tier = tierOf(deps.config.tiers, chosen.provider.id);
      await states.using(projectId, chosen.provider.id, reason, tier, true);
      return withoutKey(chosen.provider);
    },
    async enterPollingMode(projectId) {
      const { status, name } = await state.project(projectId).get();
      if (status !== 'active' && status !== 'waiting_for_credits') throw notActive(name, status);
      const usable = await usableFor(deps, projectId, await candidates());
      const enabled = usable.filter(({ provider }) => provider.enabled).map(({ provider }) => provider.id);
      await waiting.waitForProvider(
        projectId,
        'provider',
        'Its owner has it wait until a provider was probed.',
      );
      await states.polling(projectId, true);
      await waiting.requestProbesIn(deps.config.pollingInterval, enabled);
    },
    async exitPollingMode(projectId) {
      await states.polling(projectId, false);
      if (await waiting.wakeOne(projectId, 'Its owner has it go on.')) await waiting.dispatch(projectId);
    },
    async recordCost(entry, projectId) {
      // In names of their own, so that no row of the factory's can be replaced.
      const requestId = `outside/${entry.requestId ?? deps.newId()}`;
      const parsed = outsideCost.safeParse({ timestamp: deps.now(), ...entry, requestId, possible: false });
      if (!parsed.success) throw invalidCost(parsed.error);
      if (projectId !== FACTORY) await state.project(projectId).get();
      await (await deps.manager()).bookReply(projectId, parsed.data);
    },
    getCostSummary: deps.treeCosts,
    async getFinanceState(projectId) {
      const [own, file, rows] = await Promise.all([
        state.finance(projectId).get(),
        state.providers().get(),
        ledgerOf(deps, projectId).readAll(),
      ]);
      return {
        ...own,
        providers: file.providers.map(withoutKey),
        costHistory: summariseCosts(projectId, rows).entries,
      };
    },
  };
}

/** A row of the ledger with nothing else. */
const outsideCost = z.strictObject(costEntry.shape);

function withoutKey({ apiKey: _key, ...provider }: ProviderConfig): ProviderView {
  return provider;
}

function notActive(name: string, status: string): DarkFactoryError {
  return usageError(
    'project_not_active',
    `The project ${name} is ${status}, so it makes no calls that could wait`,
    'Start or resume it first.',
  );
}

function hasEnded(name: string, status: string): DarkFactoryError {
  return usageError(
    'project_ended',
    `The project ${name} has ended (${status}), so it makes no calls that another provider could take`,
    'Nothing was changed.',
  );
}

function noReason(reason: unknown): DarkFactoryError {
  return usageError(
    'reason_invalid',
    `${JSON.stringify(reason)} is no reason for a switch`,
    `Give one of ${switchReason.options.join(', ')}.`,
  );
}

function invalidCost(error: z.ZodError): DarkFactoryError {
  return usageError(
    'cost_invalid',
    `The cost cannot be booked: ${z.prettifyError(error)}`,
    'Amounts are in USD and not negative; see CostEntry.',
  );
}
