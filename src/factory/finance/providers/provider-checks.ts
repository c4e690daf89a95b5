import { type DarkFactoryError, usageError } from '../../../lib/failure.ts';
import {
  effort,
  type Prices,
  type ProviderConfig,
  providerApi,
  providerConfig,
  type RateLimit,
} from '../../model/money/finance.ts';
import { hasOwnModels } from '../../model/money/vendors.ts';
import { PERSONA_NAME } from '../../model/personas/persona.ts';
import { LEAST_OUTPUT } from '../calls/estimate.ts';

/** Checks of what a person types about a provider. All throw `usage`/`provider_invalid` with the option concerned. */

/** Beyond these an amount is a slip of the pen, not a plan. */
export const MOST_USD = 1_000_000;
const MOST_PRICE = 100_000;
const MOST_COUNT = 1_000_000_000;

export interface Endpoint {
  name: string;
  baseUrl?: string | undefined;
  adapter?: string | undefined;
}

export function checkEndpoint({ name, baseUrl, adapter }: Endpoint): void {
  const anywhere = !hasOwnModels(name);
  if (adapter !== undefined && !anywhere) {
    throw invalid('--adapter goes with --name custom alone', 'Leave it out, or use --name custom.');
  }
  if (adapter !== undefined && baseUrl !== undefined) {
    throw invalid(
      '--adapter and --base-url exclude each other',
      'The adapter file knows its endpoint itself.',
    );
  }
  if (anywhere && adapter === undefined && baseUrl === undefined) {
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
  // Azure's older addresses need theirs; anything else could be a key.
  if ([...url.searchParams.keys()].some((name) => name !== 'api-version') || url.hash !== '') {
    throw invalid(
      'A base URL must not hold a query but api-version, and no fragment',
      `Use ${url.origin}${url.pathname}.`,
    );
  }
}

const LOOPBACK = /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/i;

/** Its key goes over a network without encryption: everybody on the way can read and use it. */
export function sendsKeyInClear({ apiKey, baseUrl }: Pick<ProviderConfig, 'apiKey' | 'baseUrl'>): boolean {
  if (apiKey === '' || baseUrl === undefined) return false;
  const { protocol, hostname } = new URL(baseUrl);
  return protocol === 'http:' && !LOOPBACK.test(hostname);
}

/** What its owner is told of that. */
export function keyInClearWarning({ id, baseUrl = '' }: Pick<ProviderConfig, 'id' | 'baseUrl'>): string {
  return `The key of ${id} goes unencrypted over the network to ${new URL(baseUrl).host}: anybody on the way can read it. Use an https:// address, or no key in a network that you trust.`;
}

/** What a person says of a provider when it is added, and may say again later. Numbers are checked here. */
export interface ProviderTerms {
  baseUrl?: string;
  priority?: number;
  /** USD per million tokens; both or none. */
  priceIn?: number;
  priceOut?: number;
  /** USD per million tokens of input that the vendor's cache takes in, and gives back. */
  priceCacheWrite?: number;
  priceCacheRead?: number;
  free?: boolean;
  contextTokens?: number;
  /** `null`: what is known of the model. */
  maxOutputTokens?: number | null;
  api?: string | null;
  effort?: string | null;
  /** Whom alone it works for; `null`: for all. */
  personas?: string[] | null;
  projects?: string[] | null;
}

/** Limits as they are given; `null` takes one away. */
export type GivenLimits<None = never> = { [K in keyof RateLimit]?: Exclude<RateLimit[K], undefined> | None };

/** The limits that hold from now on. */
export function limitsOf(
  given: GivenLimits<null>,
  old: RateLimit = {},
): Record<keyof RateLimit, number | undefined> {
  const limit = (option: string, key: keyof RateLimit) => {
    const value = given[key];
    return value === null ? undefined : (whole(option, value, 1, MOST_COUNT) ?? old[key]);
  };
  return {
    requestsPerMinute: limit('--rpm', 'requestsPerMinute'),
    tokensPerMinute: limit('--tpm', 'tokensPerMinute'),
    requestsPerDay: limit('--rpd', 'requestsPerDay'),
  };
}

export function countsOf({ priority, contextTokens }: ProviderTerms) {
  return {
    priority: whole('--priority', priority, 0, 1_000),
    contextTokens: whole('--context-tokens', contextTokens, 1_000, MOST_COUNT),
  };
}

/** How its model is to be asked from now on. */
export function waysOf(
  { api, effort: wanted, maxOutputTokens }: ProviderTerms,
  old: Pick<ProviderConfig, 'api' | 'effort' | 'maxOutputTokens'> = {},
): Pick<ProviderConfig, 'api' | 'effort' | 'maxOutputTokens'> {
  return {
    api: choice('--api', providerApi, api, old.api),
    effort: choice('--effort', effort, wanted, old.effort),
    maxOutputTokens:
      maxOutputTokens === null
        ? undefined
        : (whole('--max-output', maxOutputTokens, LEAST_OUTPUT, MOST_COUNT) ?? old.maxOutputTokens),
  };
}

function choice<T extends string>(
  option: string,
  choices: { options: readonly T[] },
  given: string | null | undefined,
  old: T | undefined,
): T | undefined {
  if (given === undefined) return old;
  if (given === null) return undefined;
  const chosen = choices.options.find((each) => each === given);
  if (chosen !== undefined) return chosen;
  throw invalid(`${option} "${given}" is not known`, `Use one of ${choices.options.join(', ')}.`);
}

/** Whom it works for from now on. */
export function scopeOf(
  { personas, projects }: ProviderTerms,
  old: Pick<ProviderConfig, 'personas' | 'projects'> = {},
): Pick<ProviderConfig, 'personas' | 'projects'> {
  const unnamed = personas?.find((name) => !PERSONA_NAME.test(name));
  if (unnamed !== undefined)
    throw invalid(`--personas: "${unnamed}" is no name of a persona`, 'See df persona list.');
  const limit = (given: string[] | null | undefined, before: string[] | undefined) =>
    given === undefined ? before : (given ?? undefined);
  return { personas: limit(personas, old.personas), projects: limit(projects, old.projects) };
}

export function pricesOf(terms: ProviderTerms, old?: Prices): Prices | undefined {
  const { priceIn, priceOut, free } = terms;
  const input = amount('--price-in', priceIn, MOST_PRICE);
  const output = amount('--price-out', priceOut, MOST_PRICE);
  const cacheWrite = amount('--price-cache-write', terms.priceCacheWrite, MOST_PRICE);
  const cacheRead = amount('--price-cache-read', terms.priceCacheRead, MOST_PRICE);
  const cache = {
    ...(cacheWrite === undefined ? {} : { cacheWrite }),
    ...(cacheRead === undefined ? {} : { cacheRead }),
  };
  if (input === undefined && output === undefined) {
    if (Object.keys(cache).length === 0) return undefined;
    if (free !== true && old !== undefined) return { ...old, ...cache };
    throw invalid(
      'The prices of the cache go with --price-in and --price-out',
      'Give all of them, in USD per million tokens.',
    );
  }
  if (input === undefined || output === undefined) {
    throw invalid('--price-in and --price-out go together', 'Give both, in USD per million tokens.');
  }
  if (free === true) throw invalid('--free excludes prices', 'Leave one of them out.');
  if (input === 0 && output === 0)
    throw invalid('Prices of 0 are not taken for granted', 'Say --free instead.');
  return { input, output, ...cache };
}

/** The whole of a provider by its schema. */
export function checked(candidate: unknown): ProviderConfig {
  const parsed = providerConfig.safeParse(candidate);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalid(
    `The provider's ${issue?.path.join('.') || 'form'} is not usable: ${issue?.message}`,
    'See df provider add --help.',
  );
}

/** USD. */
export function amount(option: string, value: number | undefined, most: number): number | undefined {
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

export function invalid(message: string, hint: string): DarkFactoryError {
  return usageError('provider_invalid', message, hint);
}
