import type { ExpiredReservation, FinanceManager } from '../ports.ts';
import { type CostSummary, summariseCosts } from './books/costs.ts';
import { type FinanceDeps, ledgerOf, loadCandidates } from './desk.ts';
import type { CostEntry, FinanceState, ProviderConfig, SwitchReason } from '../model/finance.ts';
import { createFinanceStates } from './books/finance-state.ts';
import { addProvider, findProvider, type NewProvider, removeProvider } from './providers/providers.ts';
import { clearsHealth, type ProviderUpdate, updateProvider } from './providers/provider-update.ts';
import { usableFor } from './calls/scope.ts';
import { candidate, selectProvider } from './providers/select.ts';

/**
 * The specification's FinanceManager (§4.3) by its own names. Where it leaves the project out, the project is said here:
 * providers are shared, what a project uses and spends is its own. Keys in arguments and answers are as they are stored.
 */
export interface FinanceApi {
  /** Throws the `usage` errors of `addProvider` in providers.ts. */
  addProvider(config: NewProvider): Promise<ProviderConfig>;
  removeProvider(providerId: string): Promise<void>;
  updateProvider(providerId: string, updates: ProviderUpdate): Promise<ProviderConfig>;
  /** USD left by our own books; `Infinity` where no credit was named. */
  checkCredits(providerId: string): Promise<number>;
  probeProvider(providerId: string): Promise<boolean>;
  selectProvider(requiredTokens: number): Promise<ProviderConfig | null>;
  /** Moves the project to the best provider that is not its current one; `null` when there is none. */
  switchProvider(projectId: string, reason: SwitchReason): Promise<ProviderConfig | null>;
  enterPollingMode(projectId: string): Promise<void>;
  exitPollingMode(projectId: string): Promise<void>;
  /** Books a row once, however often it is handed in. */
  recordCost(projectId: string, entry: CostEntry): Promise<void>;
  getCostSummary(projectId: string): Promise<CostSummary>;
  /** The specification's FinanceState, with the providers and the ledger, and without any key. */
  getFinanceState(projectId: string): Promise<FinanceView>;
  /** Reservations of holders that are gone, each told once. */
  expiredReservations(): Promise<ExpiredReservation[]>;
}

export interface FinanceView extends FinanceState {
  providers: Omit<ProviderConfig, 'apiKey'>[];
  costHistory: CostEntry[];
}

/** The parts that do the work, by the names of the specification. */
export function createFinanceApi(
  deps: Pick<FinanceDeps, 'state' | 'factoryCosts' | 'meter' | 'priceOf' | 'now' | 'record' | 'onProblem'>,
  manager: Pick<FinanceManager, 'probeProvider' | 'bookReply'>,
): FinanceApi {
  const { state, meter } = deps;
  const states = createFinanceStates(deps);
  const spentOn = async (id: string) => (await meter.live([id])).get(id)?.spentUsd ?? 0;
  const isPriced = (provider: ProviderConfig) =>
    provider.free ||
    deps.priceOf(provider, { input: 1_000, cacheWrite: 0, cacheRead: 0, output: 1_000 }) !== null;

  return {
    async addProvider(config) {
      const spentBefore = config.id === undefined ? 0 : await spentOn(config.id);
      const { providers } = await state
        .providers()
        .update((file) => addProvider(file, config, { isPriced, spentBefore }));
      const added = providers.at(-1);
      if (added === undefined) throw new Error('A provider that was added is the last of the file.');
      await meter.report(added.id, { kind: 'forget' });
      return added;
    },
    async removeProvider(providerId) {
      await state.providers().update((file) => removeProvider(file, providerId));
    },
    async updateProvider(providerId, updates) {
      const spent = await spentOn(providerId);
      const file = await state
        .providers()
        .update((current) => updateProvider(current, providerId, updates, spent));
      if (clearsHealth(updates)) await meter.report(providerId, { kind: 'forget' });
      return findProvider(file, providerId);
    },
    async checkCredits(providerId) {
      const provider = findProvider(await state.providers().get(), providerId);
      const { current } = candidate(provider, (await meter.live([providerId])).get(providerId));
      return Math.max(0, current.creditsAvailable ?? Number.POSITIVE_INFINITY);
    },
    probeProvider: async (providerId) => (await manager.probeProvider(providerId)).healthy,
    selectProvider: async (requiredTokens) =>
      selectProvider(await loadCandidates(deps), requiredTokens, deps.now())?.provider ?? null,
    async switchProvider(projectId, reason) {
      const { currentProviderId } = await state.finance(projectId).get();
      const others = (await loadCandidates(deps)).filter(({ provider }) => provider.id !== currentProviderId);
      const permitted = await usableFor(deps, projectId, others);
      const chosen = selectProvider(permitted, 0, deps.now())?.provider ?? null;
      if (chosen !== null) await states.using(projectId, chosen.id, reason);
      return chosen;
    },
    enterPollingMode: (projectId) => states.polling(projectId, true),
    exitPollingMode: (projectId) => states.polling(projectId, false),
    recordCost: (projectId, entry) => manager.bookReply(projectId, entry),
    getCostSummary: async (projectId) => summariseCosts(projectId, await ledgerOf(deps, projectId).readAll()),
    expiredReservations: () => meter.expired(),
    async getFinanceState(projectId) {
      const [own, file, rows] = await Promise.all([
        state.finance(projectId).get(),
        state.providers().get(),
        ledgerOf(deps, projectId).readAll(),
      ]);
      return {
        ...own,
        providers: file.providers.map(({ apiKey: _key, ...provider }) => provider),
        costHistory: summariseCosts(projectId, rows).entries,
      };
    },
  };
}
