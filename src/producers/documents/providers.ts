import { summariseCosts } from '../../factory/finance/books/costs.ts';
import { LEAST_CALL } from '../../factory/finance/calls/estimate.ts';
import { keyProblem, paysFor } from '../../factory/finance/calls/nobody.ts';
import { FACTORY } from '../../factory/finance/deps.ts';
import { sendsKeyInClear } from '../../factory/finance/providers/provider-checks.ts';
import { isOnTrial } from '../../factory/finance/providers/select.ts';
import { tierNames } from '../../factory/finance/routing/tiers.ts';
import type { ProviderConfig } from '../../factory/model/money/finance.ts';
import type { Tier } from '../../factory/model/money/tier.ts';
import { expecting } from '../../lib/errno.ts';
import { isFailure } from '../../lib/failure.ts';
import { createProcesses } from '../../lib/process/process.ts';
import type { Services } from '../../services.ts';
import { openFactoryLogs } from '../../state/logs/factory-logs.ts';
import { withKeyHint } from './key-hint.ts';
import { type SwitchDocument, switchDocuments } from './switches.ts';

/** An element of `df provider list --json`. */
export type ProviderDocument = Listed &
  State & {
    /** Of the owner's. Missing: none names it. */
    tiers?: Tier[];
    /** Its key crosses a network unencrypted. */
    keyInClear?: true;
    /** Its probes so far; `cost` in USD. */
    probes: { requests: number; cost: number };
    /** When and why projects left it for another one, or took it up, within the last 24 hours; the newest first. */
    switches: SwitchDocument[];
  };

const SWITCHES_MS = 24 * 3_600_000;

/** All providers, the preferred first. */
export async function providerDocuments(services: Services): Promise<ProviderDocument[]> {
  const { providers } = await services.state.providers().get();
  const spent = await spentOn(services, providers);
  const probes = await probeCosts(services);
  const switches = await switchDocuments(
    services.state,
    new Date(services.clock.now().getTime() - SWITCHES_MS),
  );
  const shown = await Promise.all(
    providers.map(async (each): Promise<ProviderDocument> => {
      const listed = withCreditsLeft(await withKeyHint(services, each), spent);
      const state = await stateOf(services, each, listed.creditsLeft);
      const inClear = sendsKeyInClear(each) ? { keyInClear: true as const } : {};
      return {
        ...{ ...listed, ...state, ...inClear, ...tiersOf(services.config, each.id) },
        probes: probes.get(each.id) ?? { requests: 0, cost: 0 },
        switches: switches.filter(({ fromProvider, toProvider }) =>
          [fromProvider, toProvider].includes(each.id),
        ),
      };
    }),
  );
  return shown.sort((a, b) => a.priority - b.priority || a.id.localeCompare(b.id));
}

function tiersOf({ tiers }: Services['config'], id: string): { tiers?: Tier[] } {
  const found = tierNames(tiers).filter((name) => tiers[name]?.includes(id));
  return found.length === 0 ? {} : { tiers: found };
}

/** A provider, and what is left of its credits by our own books where it has any. */
export type Listed = ProviderConfig & { creditsLeft?: number };

/** How a provider stands, why, and until when where that is known. */
export interface State {
  state: 'ready' | 'on_trial' | 'failing' | 'credits' | 'key' | 'price' | 'off';
  stateReason?: string;
  stateUntil?: Date;
}

async function stateOf(
  { vault, home }: Services,
  provider: ProviderConfig,
  creditsLeft: number | undefined,
): Promise<State> {
  const { enabled, disabledReason, exhaustedAt, exhaustedUntil, consecutiveFailures, lastFailure } = provider;
  if (!enabled) {
    if (disabledReason === undefined) return { state: 'off' };
    return { state: 'key', stateReason: disabledReason };
  }
  const key = await keyProblem({ vault }, provider);
  if (key !== null) return { state: 'key', stateReason: key };
  const { openPriceList } = await import('../../llm/price-list.ts');
  const { priceOf } = openPriceList(home.priceListFile);
  const leastUsd = priceOf(provider, LEAST_CALL);
  if (leastUsd === null) return { state: 'price', stateReason: 'no price is known for its model' };
  if (exhaustedAt !== undefined) {
    const until = exhaustedUntil === undefined ? {} : { stateUntil: exhaustedUntil };
    return { state: 'credits', stateReason: lastFailure ?? 'it says that it is out of money', ...until };
  }
  if (!paysFor(leastUsd, creditsLeft))
    return {
      state: 'credits',
      stateReason: 'what is left of its credits, by our own books, pays for no call',
    };
  if (consecutiveFailures === 0) return { state: 'ready' };
  const times = `${consecutiveFailures} failures in a row`;
  const stateReason = lastFailure === undefined ? times : `${times}: ${lastFailure}`;
  return { state: isOnTrial({ provider, current: provider }) ? 'on_trial' : 'failing', stateReason };
}

/** Probes belong to no project: their rows stand in the factory's own ledger. */
async function probeCosts({
  home,
  clock,
}: Services): Promise<Map<string, { requests: number; cost: number }>> {
  const { costs } = openFactoryLogs(home, { clock, processes: createProcesses() });
  const sums = new Map<string, { requests: number; cost: number }>();
  for (const { provider, requests, cost, possible } of summariseCosts(FACTORY, await costs.readAll())
    .byProvider)
    sums.set(provider, { requests, cost: cost + possible });
  return sums;
}

/** `null`: a ledger cannot be read, so that nobody knows. Workers spend nothing meanwhile, and say which one it is. */
async function spentOn(
  services: Services,
  providers: readonly ProviderConfig[],
): Promise<ReadonlyMap<string, number> | null> {
  if (providers.every((each) => each.creditsAvailable === undefined)) return new Map();
  return services.spentByProvider().catch(expecting(isFailure, null));
}

function withCreditsLeft(provider: ProviderConfig, spent: ReadonlyMap<string, number> | null): Listed {
  const { id, creditsAvailable } = provider;
  if (spent === null || creditsAvailable === undefined) return provider;
  return { ...provider, creditsLeft: Math.max(0, creditsAvailable - (spent.get(id) ?? 0)) };
}
