import type { ProviderConfig, Usage } from '../../model/money/finance.ts';
import { vendorRecord } from '../../model/money/vendors.ts';
import type { CacheOutlook, ModelRequest, PriceOf } from '../../ports.ts';

/** How long a vendor keeps a prompt that is marked, in milliseconds. */
export const SHORT_CACHE_MS = 5 * 60_000;
export const LONG_CACHE_MS = 60 * 60_000;

/** USD for a token. */
export interface CachePrices {
  write: number;
  writeLong: number;
  read: number;
}

/**
 * Keeping a prompt for an hour costs more for what is new in it; keeping it for five minutes costs the whole of it anew after a
 * longer pause. The cheaper of the two, as far as can be expected; the shorter where it is the same. Pure.
 */
export function cacheTime({ prompt, fresh, longPause }: CacheOutlook, price: CachePrices): '5m' | '1h' {
  const short = fresh * price.write + longPause * prompt * Math.max(0, price.write - price.read);
  const long = fresh * price.writeLong;
  return long < short ? '1h' : '5m';
}

/** For one provider's call: few vendors have the choice. */
export function cacheTimeFor(
  provider: ProviderConfig,
  outlook: CacheOutlook | undefined,
  priceOf: PriceOf,
): NonNullable<ModelRequest['cacheFor']> {
  if (!vendorRecord(provider.name).keepsLong || outlook === undefined || outlook.longPause === 0) return '5m';
  const tokens = Math.max(1, Math.round(outlook.prompt));
  const each = (used: Partial<Usage>) => {
    const usd = priceOf(provider, { input: 0, cacheWrite: 0, cacheRead: 0, output: 0, ...used });
    return usd === null ? null : usd / tokens;
  };
  const write = each({ cacheWrite: tokens });
  const writeLong = each({ cacheWriteLong: tokens });
  const read = each({ cacheRead: tokens });
  if (write === null || writeLong === null || read === null) return '5m';
  return cacheTime(outlook, { write, writeLong, read });
}

/** Prices of a call whose prompt is to be kept for an hour: whatever it writes costs as much as that. */
export const withLongWrites =
  (priceOf: PriceOf): PriceOf =>
  (provider, { cacheWrite, ...used }) =>
    priceOf(provider, { ...used, cacheWrite: 0, cacheWriteLong: cacheWrite });
