import { calcPrice, findProvider } from '@pydantic/genai-prices';
import type { Prices, ProviderConfig, Usage } from '../factory/finance/finance.ts';
import type { PriceOf } from '../factory/ports.ts';

type Priced = Pick<ProviderConfig, 'name' | 'model' | 'baseUrl' | 'prices' | 'free'>;

const MILLION = 1_000_000;
/** Anthropic takes a quarter more for tokens that it writes into its cache. */
const ANTHROPIC_CACHE_WRITE = 1.25;

/**
 * USD for a usage. The owner's own prices come first, then the catalogue; `free` costs nothing. Never a guess.
 *
 * @returns `null` when no price is known: then the model is refused
 */
export const priceOf: PriceOf = (provider, used) => {
  if (provider.free) return 0;
  if (provider.prices) return ownPrice(provider.prices, used);
  return catalogue(provider, used)?.total_price ?? null;
};

/**
 * The most that a request can cost: the whole input at the dearest of its prices (nothing cached, all written into
 * the cache, or all read from it) and the whole allowed output.
 *
 * @returns USD, or `null` when no price is known
 */
export function worstCase(provider: ProviderConfig, inputTokens: number, maxOutput: number): number | null {
  if (provider.free) return 0;
  const none: Usage = { input: 0, cacheWrite: 0, cacheRead: 0, output: maxOutput };
  const plain = priceOf(provider, { ...none, input: inputTokens });
  const written = priceOf(provider, { ...none, cacheWrite: inputTokens });
  const read = priceOf(provider, { ...none, cacheRead: inputTokens });
  if (plain === null || written === null || read === null) return null;
  const most = Math.max(plain, written, read);
  if (provider.name !== 'anthropic' || !provider.prices || provider.prices.cacheWrite !== undefined)
    return most;
  const surcharge = (inputTokens * provider.prices.input * (ANTHROPIC_CACHE_WRITE - 1)) / MILLION;
  return Math.max(most, plain + surcharge);
}

/**
 * How many output tokens an amount of money buys after the worst case of the input, at most `wanted`.
 *
 * @returns 0 when the money does not even cover the input, `null` when no price is known
 */
export function affordableOutput(
  provider: ProviderConfig,
  inputTokens: number,
  usd: number,
  wanted: number,
): number | null {
  const all = worstCase(provider, inputTokens, wanted);
  const none = worstCase(provider, inputTokens, 0);
  if (all === null || none === null) return null;
  if (all <= usd) return wanted;
  if (usd <= none) return 0;
  return Math.floor((wanted * (usd - none)) / (all - none));
}

/** Tokens that the model reads at most, from the catalogue; `null` when it is not known. */
export function contextWindow(provider: Priced): number | null {
  return (
    catalogue(provider, { input: 1, cacheWrite: 0, cacheRead: 0, output: 1 })?.model.context_window ?? null
  );
}

function ownPrice(prices: Prices, used: Usage): number {
  const sum =
    used.input * prices.input +
    used.cacheWrite * (prices.cacheWrite ?? prices.input) +
    used.cacheRead * (prices.cacheRead ?? prices.input) +
    used.output * prices.output;
  return sum / MILLION;
}

function catalogue(provider: Priced, used: Usage) {
  const providerId = catalogueProvider(provider);
  if (providerId === undefined) return null;
  const usage = {
    // The catalogue's input is the total; the cached parts are shares of it.
    input_tokens: used.input + used.cacheWrite + used.cacheRead,
    cache_write_tokens: used.cacheWrite,
    cache_read_tokens: used.cacheRead,
    output_tokens: used.output,
  };
  return calcPrice(usage, provider.model, { providerId });
}

/**
 * The catalogue's name for an endpoint, by its address. A vendor's own name stands for unknown addresses (a gateway of
 * the owner), but a `custom` endpoint at an unknown address has no price: the model's name proves nothing there.
 */
function catalogueProvider(provider: Priced): string | undefined {
  const byAddress = provider.baseUrl ? findProvider({ providerApiUrl: provider.baseUrl })?.id : undefined;
  return byAddress ?? (provider.name === 'custom' ? undefined : provider.name);
}
