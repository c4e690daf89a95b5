import { DarkFactoryError, usageError } from '../../../lib/failure.ts';
import { type ProviderConfig, type ProvidersFile, providerConfig } from '../../model/money/finance.ts';
import { vendorNames } from '../../model/money/vendors.ts';
import {
  amount,
  checkEndpoint,
  checked,
  countsOf,
  type GivenLimits,
  invalid,
  limitsOf,
  MOST_USD,
  type ProviderTerms,
  pricesOf,
  scopeOf,
  waysOf,
} from './provider-checks.ts';

/** What `df provider add` was given. Numbers may be anything a person types: they are checked here. */
export interface NewProvider extends ProviderTerms, GivenLimits {
  id?: string;
  name: string;
  model: string;
  /** As it is stored: `encrypted:…`, `env:NAME`, or empty for an endpoint that wants none. */
  apiKey: string;
  /** Missing: yes. */
  enabled?: boolean;
  /** Absolute path of a JavaScript module. */
  adapter?: string;
  /** USD that may be spent on it from now on. */
  creditsAvailable?: number;
  /** What the endpoint's list of models says of it. */
  reported?: ProviderConfig['reported'];
}

export interface ProviderRules {
  /** Is a price known for it, its own or the catalogue's? */
  isPriced(provider: ProviderConfig): boolean;
  /** USD that the ledgers say was spent on a provider of this id before. */
  spentBefore: number;
}

/** The id that a provider gets when its owner names none. */
export function defaultProviderId(name: string, model: string): string {
  const id = `${name}-${model}`.toLowerCase().replace(/[^a-z0-9._-]+/g, '-');
  return id.slice(0, 64).replace(/[-._]+$/, '') || name;
}

/**
 * Adds a provider, or throws a `usage` error that names the option concerned; the file is never half changed. To be used
 * as the change of the document: `providers().update((file) => addProvider(file, input, rules))`.
 *
 * Codes: `provider_exists`, `provider_invalid`, `provider_price_unknown`.
 */
export function addProvider(file: ProvidersFile, input: NewProvider, rules: ProviderRules): ProvidersFile {
  const provider = toProvider(input, rules.spentBefore);
  if (file.providers.some((each) => each.id.toLowerCase() === provider.id.toLowerCase())) {
    throw usageError(
      'provider_exists',
      `There is a provider "${provider.id}" already`,
      `Give the new one another id with --id, or remove the old one: df provider remove ${provider.id}.`,
    );
  }
  if (!rules.isPriced(provider)) {
    throw usageError(
      'provider_price_unknown',
      `No price is known for the model "${provider.model}" at ${provider.name}`,
      'Give --price-in and --price-out in USD per million tokens, or --free when it costs nothing.',
    );
  }
  return { ...file, providers: [...file.providers, provider] };
}

function toProvider(input: NewProvider, spentBefore: number): ProviderConfig {
  const name = providerConfig.shape.name.safeParse(input.name);
  if (!name.success) throw invalid(`"${input.name}" is no vendor`, `Use --name ${vendorNames}.`);
  const { id = defaultProviderId(input.name, input.model), model, apiKey, free = false } = input;
  checkEndpoint(input);
  const credits = amount('--credits', input.creditsAvailable, MOST_USD);
  if (credits === 0)
    throw invalid('--credits 0 would never be used', 'Give what may be spent, or leave it out.');
  const candidate = {
    id,
    name: name.data,
    model,
    apiKey,
    free,
    enabled: input.enabled,
    // What was spent under this id before counts against it for ever, so it is added to what may be spent from now on.
    creditsAvailable: credits === undefined ? undefined : credits + spentBefore,
    ...countsOf(input),
    rateLimit: limitsOf(input),
    prices: pricesOf(input),
    baseUrl: input.baseUrl,
    ...scopeOf(input),
    adapter: input.adapter,
    ...waysOf(input),
    reported: input.reported,
  };
  return checked(candidate);
}

/** @returns the file without the provider; throws `not_found`/`provider_not_found` */
export function removeProvider(file: ProvidersFile, id: string): ProvidersFile {
  const { id: known } = findProvider(file, id);
  return { ...file, providers: file.providers.filter((each) => each.id !== known) };
}

/** A provider by its id; throws `not_found`/`provider_not_found`. */
export function findProvider(file: ProvidersFile, id: string): ProviderConfig {
  const found = file.providers.find((each) => each.id === id);
  if (found !== undefined) return found;
  const known = file.providers.map((each) => each.id).join(', ');
  throw new DarkFactoryError(
    'not_found',
    'provider_not_found',
    `There is no provider "${id}"`,
    known === '' ? 'Add one: df provider add.' : `Known ones: ${known}.`,
  );
}
