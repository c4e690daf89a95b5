import type { Prices, Usage } from '../../../src/factory/model/money/finance.ts';
import { usdFor } from './billing.ts';
import type { LedgerEntry, RequestRecord } from './record.ts';
import type { ScriptedModelOptions } from './script.ts';

const MINUTE = 60_000;
const DEFAULT_PRICES: Prices = { input: 1, output: 2 };
/** Sums of prices are binary fractions: ten times $0.10 is a little less than $1. */
const ROUNDING = 1e-9;

/** Credits and request rates of the keys of one server. */
export function createAccounts(
  options: Pick<ScriptedModelOptions, 'credits' | 'prices' | 'requestsPerMinute'>,
) {
  const credit = new Map(Object.entries(options.credits ?? {}));
  const starts = new Map<string, number[]>();

  return {
    topUp(key: string, usd: number): void {
      credit.set(key, (credit.get(key) ?? 0) + usd);
    },

    /** Counts the request when there is room in the last 60 seconds. @returns seconds to wait, 0 when it may go on */
    secondsUntilRoom(key: string, at: number): number {
      const limit = options.requestsPerMinute;
      if (limit === undefined) return 0;
      const recent = (starts.get(key) ?? []).filter((start) => start > at - MINUTE);
      starts.set(key, recent);
      const oldest = recent[0];
      if (recent.length >= limit && oldest !== undefined) return Math.ceil((oldest + MINUTE - at) / 1_000);
      recent.push(at);
      return 0;
    },

    /** Takes the cost from the key's credit. @returns `undefined` when the credit does not cover it; nothing is taken then */
    bill(record: RequestRecord, usage: Usage): LedgerEntry | undefined {
      const prices = options.prices?.[record.model] ?? options.prices?.['*'] ?? DEFAULT_PRICES;
      const usd = usdFor(prices, usage);
      const left = credit.get(record.key);
      if (left !== undefined && (left <= ROUNDING || usd > left + ROUNDING)) return undefined;
      if (left !== undefined) credit.set(record.key, left - usd);
      return {
        requestIndex: record.index,
        key: record.key,
        model: record.model,
        at: record.at,
        usage,
        usd,
        delivered: false,
      };
    },
  };
}
