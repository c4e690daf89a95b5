import { type Candidate, candidate } from '../../../src/factory/finance/providers/select.ts';
import {
  type CostEntry,
  type ProviderConfig,
  providerConfig,
} from '../../../src/factory/model/money/finance.ts';
import type { PriceOf, ProviderLive } from '../../../src/factory/ports.ts';

export const NOW = new Date('2026-01-02T03:04:05Z');

export function provider(id: string, over: Partial<ProviderConfig> = {}): ProviderConfig {
  return providerConfig.parse({ id, name: 'openai', model: 'm', apiKey: '', ...over });
}

function live(over: Partial<ProviderLive> = {}): ProviderLive {
  return {
    spentUsd: 0,
    reservedUsd: 0,
    tokensThisMinute: 0,
    requestsThisMinute: 0,
    requestsToday: 0,
    ...over,
  };
}

export function at(each: ProviderConfig, over: Partial<ProviderLive> = {}): Candidate {
  return candidate(each, live(over));
}

/** USD per million tokens from the provider's own prices; `null` when it has none. */
export const ownPrices: PriceOf = ({ prices }, used) =>
  prices === undefined
    ? null
    : (used.input * prices.input +
        used.cacheWrite * (prices.cacheWrite ?? prices.input) +
        used.cacheRead * (prices.cacheRead ?? prices.input) +
        used.output * prices.output) /
      1e6;

export function row(over: Partial<CostEntry> = {}): CostEntry {
  return {
    timestamp: NOW,
    provider: 'a',
    model: 'm',
    tokensUsed: 10,
    cost: 0.1,
    operation: 'chat',
    requestId: 'r',
    possible: false,
    ...over,
  };
}
