import { calcPrice, findProvider, type MatchLogic } from '@pydantic/genai-prices';
import type { Prices, ProviderConfig, Usage } from '../factory/model/money/finance.ts';
import { vendorRecord } from '../factory/model/money/vendors.ts';
import type { PriceOf } from '../factory/ports.ts';

type Priced = Pick<ProviderConfig, 'name' | 'model' | 'baseUrl' | 'prices' | 'free'>;

const MILLION = 1_000_000;

/**
 * USD for a usage. The owner's own prices come first, then the catalogue; `free` costs nothing. Never a guess.
 *
 * @returns `null` when no price is known: then the model is refused
 */
export const priceOf: PriceOf = (provider, used) => {
  if (provider.free) return 0;
  if (provider.prices) return ownPrice(provider.prices, used);
  const found = catalogue(provider, used);
  if (found === null) return null;
  const { cacheWriteLong: long = 0 } = used;
  if (long === 0 || found.model_price.cache_write_1h_mtok !== undefined) return found.total_price;
  // It knows one price of writes here: what is kept for an hour is input that is paid twice.
  const { cacheWriteLong: _long, ...rest } = used;
  const prompt = used.input + used.cacheWrite + long + used.cacheRead;
  const once = catalogue(provider, { ...rest, input: used.input + long })?.total_price ?? 0;
  const perPrompt = catalogue(provider, { input: prompt, cacheWrite: 0, cacheRead: 0, output: 0 });
  return once + ((perPrompt?.input_price ?? 0) * long) / prompt;
};

/** Tokens that the model reads at most, from the catalogue; `null` when it is not known. */
export function contextWindow(provider: Priced): number | null {
  return (
    catalogue(provider, { input: 1, cacheWrite: 0, cacheRead: 0, output: 1 })?.model.context_window ?? null
  );
}

/** Names of models that the catalogue prices at this endpoint. Empty: it does not know the endpoint. */
export function pricedNames(provider: Priced): string[] {
  const providerId = catalogueProvider(provider);
  const models = providerId === undefined ? [] : (findProvider({ providerId })?.models ?? []);
  return models.flatMap(({ id, match }) => [id, ...exactNames(match)]);
}

/** The names that a rule of the catalogue spells out. */
function exactNames(rule: MatchLogic): string[] {
  if ('equals' in rule) return [rule.equals];
  if ('or' in rule) return rule.or.flatMap(exactNames);
  return [];
}

function ownPrice(prices: Prices, used: Usage): number {
  const sum =
    used.input * prices.input +
    used.cacheWrite * (prices.cacheWrite ?? prices.input) +
    (used.cacheWriteLong ?? 0) * longWritePrice(prices) +
    used.cacheRead * (prices.cacheRead ?? prices.input) +
    used.output * prices.output;
  return sum / MILLION;
}

/** Kept for an hour, a prompt costs twice its input at Anthropic, which alone asks for it apart. */
const longWritePrice = ({ input, cacheWrite }: Prices) => Math.max(input * 2, cacheWrite ?? 0);

function catalogue(provider: Priced, used: Usage) {
  const providerId = catalogueProvider(provider);
  if (providerId === undefined) return null;
  const long = used.cacheWriteLong ?? 0;
  const written = used.cacheWrite + long;
  const usage = {
    // The catalogue's input is the total; the cached parts are shares of it, and what is kept for an hour of what is written.
    input_tokens: used.input + written + used.cacheRead,
    cache_write_tokens: written,
    ...(long > 0 ? { cache_write_1h_tokens: long } : {}),
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
  return byAddress ?? vendorRecord(provider.name).priceList ?? undefined;
}
