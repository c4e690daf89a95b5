import { DarkFactoryError } from '../../lib/failure.ts';
import { type Prices, type ProviderConfig, type ProvidersFile, providerConfig, vendor } from './finance.ts';

/** What `df provider add` was given. Numbers may be anything a person types: they are checked here. */
export interface NewProvider {
  id?: string;
  name: string;
  model: string;
  /** As it is stored: `encrypted:…`, `env:NAME`, or empty for an endpoint that wants none. */
  apiKey: string;
  baseUrl?: string;
  /** Absolute path of a JavaScript module. */
  adapter?: string;
  /** USD that may be spent on it from now on. */
  creditsAvailable?: number;
  priority?: number;
  requestsPerMinute?: number;
  tokensPerMinute?: number;
  requestsPerDay?: number;
  /** USD per million tokens; both or none. */
  priceIn?: number;
  priceOut?: number;
  free?: boolean;
  contextTokens?: number;
  maxOutputTokens?: number;
}

export interface ProviderRules {
  /** Is a price known for it, its own or the catalogue's? */
  isPriced(provider: ProviderConfig): boolean;
  /** USD that the ledgers say was spent on a provider of this id before. */
  spentBefore: number;
}

/** Beyond these an amount is a slip of the pen, not a plan. */
const MOST_USD = 1_000_000;
const MOST_PRICE = 100_000;
const MOST_COUNT = 1_000_000_000;

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
    throw new DarkFactoryError(
      'usage',
      'provider_exists',
      `There is a provider "${provider.id}" already`,
      `Give the new one another id with --id, or remove the old one: df provider remove ${provider.id}.`,
    );
  }
  if (!rules.isPriced(provider)) {
    throw new DarkFactoryError(
      'usage',
      'provider_price_unknown',
      `No price is known for the model "${provider.model}" at ${provider.name}`,
      'Give --price-in and --price-out in USD per million tokens, or --free when it costs nothing.',
    );
  }
  return { ...file, providers: [...file.providers, provider] };
}

function toProvider(input: NewProvider, spentBefore: number): ProviderConfig {
  const name = vendor.safeParse(input.name);
  if (!name.success) throw invalid(`"${input.name}" is no vendor`, 'Use --name openai, anthropic or custom.');
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
    // What was spent under this id before counts against it for ever, so it is added to what may be spent from now on.
    creditsAvailable: credits === undefined ? undefined : credits + spentBefore,
    priority: whole('--priority', input.priority, 0, 1_000),
    rateLimit: {
      requestsPerMinute: whole('--rpm', input.requestsPerMinute, 1, MOST_COUNT),
      tokensPerMinute: whole('--tpm', input.tokensPerMinute, 1, MOST_COUNT),
      requestsPerDay: whole('--rpd', input.requestsPerDay, 1, MOST_COUNT),
    },
    prices: pricesOf(input),
    baseUrl: input.baseUrl,
    adapter: input.adapter,
    contextTokens: whole('--context-tokens', input.contextTokens, 1_000, MOST_COUNT),
    maxOutputTokens: whole('--max-output-tokens', input.maxOutputTokens, 16, MOST_COUNT),
  };
  const parsed = providerConfig.safeParse(candidate);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalid(
    `The provider's ${issue?.path.join('.') || 'form'} is not usable: ${issue?.message}`,
    'See df provider add --help.',
  );
}

function checkEndpoint({ name, baseUrl, adapter }: NewProvider): void {
  if (adapter !== undefined && name !== 'custom') {
    throw invalid('--adapter goes with --name custom alone', 'Leave it out, or use --name custom.');
  }
  if (adapter !== undefined && baseUrl !== undefined) {
    throw invalid(
      '--adapter and --base-url exclude each other',
      'The adapter file knows its endpoint itself.',
    );
  }
  if (name === 'custom' && adapter === undefined && baseUrl === undefined) {
    throw invalid(
      'A custom provider needs an endpoint',
      'Give --base-url URL (OpenAI-compatible) or --adapter FILE.',
    );
  }
  if (baseUrl === undefined) return;
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    throw invalid(
      `The base URL "${baseUrl}" is no http or https address`,
      'For example https://api.example.com/v1.',
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw invalid(
      'A base URL must not hold a user or password',
      'Give the key with --api-key-env or --api-key-stdin.',
    );
  }
  if (url.search !== '' || url.hash !== '') {
    throw invalid('A base URL must not hold a query or a fragment', `Use ${url.origin}${url.pathname}.`);
  }
}

function pricesOf({ priceIn, priceOut, free }: NewProvider): Prices | undefined {
  const input = amount('--price-in', priceIn, MOST_PRICE);
  const output = amount('--price-out', priceOut, MOST_PRICE);
  if (input === undefined && output === undefined) return undefined;
  if (input === undefined || output === undefined) {
    throw invalid('--price-in and --price-out go together', 'Give both, in USD per million tokens.');
  }
  if (free === true) throw invalid('--free excludes prices', 'Leave one of them out.');
  if (input === 0 && output === 0)
    throw invalid('Prices of 0 are not taken for granted', 'Say --free instead.');
  return { input, output };
}

/** @returns the file without the provider; throws `not_found`/`provider_not_found` */
export function removeProvider(file: ProvidersFile, id: string): ProvidersFile {
  const { id: known } = findProvider(file, id);
  return { ...file, providers: file.providers.filter((each) => each.id !== known) };
}

/** What may be changed of a provider. */
export interface ProviderUpdate {
  apiKey?: string;
  enabled?: boolean;
  priority?: number;
  /** USD bought on top of what was said so far; a provider without a limit gets one. */
  addCredits?: number;
}

/**
 * Changes a provider. A new key or more credit clears what was known of its health in the file; a provider that the
 * factory switched off for its key is on again with a new one.
 *
 * Throws `not_found`/`provider_not_found`, `usage`/`provider_invalid`.
 *
 * @param spentBefore USD that the ledgers say was spent on it; needed for credit of one that had no limit
 */
export function updateProvider(
  file: ProvidersFile,
  id: string,
  update: ProviderUpdate,
  spentBefore = 0,
): ProvidersFile {
  const old = findProvider(file, id);
  const added = amount('--credits', update.addCredits, MOST_USD);
  const priority = whole('--priority', update.priority, 0, 1_000);
  const { disabledReason, exhaustedAt, exhaustedUntil, ...rest } = old;
  const cleared = update.apiKey !== undefined || added !== undefined || update.enabled === true;
  const kept = {
    ...(disabledReason === undefined ? {} : { disabledReason }),
    ...(exhaustedAt === undefined ? {} : { exhaustedAt }),
    ...(exhaustedUntil === undefined ? {} : { exhaustedUntil }),
  };
  const backOn = update.apiKey !== undefined && disabledReason !== undefined;
  const next: ProviderConfig = {
    ...rest,
    ...(cleared ? { consecutiveFailures: 0 } : kept),
    enabled: update.enabled ?? (backOn || old.enabled),
    ...(update.apiKey === undefined ? {} : { apiKey: update.apiKey }),
    ...(priority === undefined ? {} : { priority }),
    ...(added === undefined ? {} : { creditsAvailable: (old.creditsAvailable ?? spentBefore) + added }),
  };
  return { ...file, providers: file.providers.map((each) => (each === old ? next : each)) };
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

function amount(option: string, value: number | undefined, most: number): number | undefined {
  if (value === undefined) return undefined;
  if (Number.isFinite(value) && value >= 0 && value <= most) return value;
  throw invalid(
    `${option} must be an amount from 0 to ${most.toLocaleString('en')}`,
    'Write it in US dollars, for example 12.50.',
  );
}

function whole(option: string, value: number | undefined, least: number, most: number): number | undefined {
  if (value === undefined) return undefined;
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw invalid(
    `${option} must be a whole number from ${least} to ${most.toLocaleString('en')}`,
    'Leave it out for the default.',
  );
}

function invalid(message: string, hint: string): DarkFactoryError {
  return new DarkFactoryError('usage', 'provider_invalid', message, hint);
}
