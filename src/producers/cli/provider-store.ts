import {
  type Prices,
  type ProviderConfig,
  providerConfig,
  type RateLimit,
} from '../../factory/finance/finance.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import type { Services } from '../../services.ts';

/** The parts of the services that providers need. */
export type ProviderHands = Pick<Services, 'state' | 'vault' | 'home'>;

/** How a key is kept: sealed in providers.yaml, or in an environment variable. */
export type KeyChoice =
  | { kind: 'sealed'; key: string }
  | { kind: 'environment'; variable: string }
  | { kind: 'none' };

export interface NewProvider {
  id: string;
  name: ProviderConfig['name'];
  model: string;
  key: KeyChoice;
  baseUrl?: string;
  /** Absolute path. */
  adapter?: string;
  credits?: number;
  priority?: number;
  rateLimit?: RateLimit;
  prices?: Prices;
  free?: boolean;
  contextTokens?: number;
}

/**
 * Adds a provider to providers.yaml.
 *
 * @throws DarkFactoryError `usage`: `provider_exists`, `price_unknown`, `provider_invalid`
 */
export async function addProvider(hands: ProviderHands, wanted: NewProvider): Promise<ProviderConfig> {
  const provider = parseProvider({
    id: wanted.id,
    name: wanted.name,
    model: wanted.model,
    apiKey: '',
    ...(wanted.baseUrl === undefined ? {} : { baseUrl: wanted.baseUrl }),
    ...(wanted.adapter === undefined ? {} : { adapter: wanted.adapter }),
    ...(wanted.credits === undefined ? {} : { creditsAvailable: wanted.credits }),
    ...(wanted.priority === undefined ? {} : { priority: wanted.priority }),
    ...(wanted.prices === undefined ? {} : { prices: wanted.prices }),
    ...(wanted.contextTokens === undefined ? {} : { contextTokens: wanted.contextTokens }),
    rateLimit: wanted.rateLimit ?? {},
    free: wanted.free ?? false,
  });
  await requirePrice(provider);
  await hands.home.prepare();
  const { providers } = await hands.state.providers().get();
  refuseTwice(providers, provider.id);
  const sealed = { ...provider, apiKey: await keep(hands, provider.id, wanted.key) };
  await hands.state.providers().update((file) => {
    refuseTwice(file.providers, provider.id);
    return { ...file, providers: [...file.providers, sealed] };
  });
  return sealed;
}

export async function removeProvider({ state }: ProviderHands, id: string): Promise<void> {
  await state.providers().update((file) => {
    findProvider(file.providers, id);
    return { ...file, providers: file.providers.filter((each) => each.id !== id) };
  });
}

/** A provider that is switched on starts afresh: what went wrong before does not count. */
export async function enableProvider(hands: ProviderHands, id: string): Promise<ProviderConfig> {
  return change(hands, id, ({ disabledReason: _reason, ...provider }) => ({
    ...provider,
    enabled: true,
    consecutiveFailures: 0,
  }));
}

export async function disableProvider(hands: ProviderHands, id: string): Promise<ProviderConfig> {
  return change(hands, id, (provider) => ({ ...provider, enabled: false }));
}

/** A new key also lifts what the factory itself had switched off because of the old one. */
export async function setProviderKey(
  hands: ProviderHands,
  id: string,
  key: KeyChoice,
): Promise<ProviderConfig> {
  findProvider((await hands.state.providers().get()).providers, id);
  const apiKey = await keep(hands, id, key);
  return change(hands, id, ({ disabledReason, ...provider }) => ({
    ...provider,
    apiKey,
    consecutiveFailures: 0,
    enabled: provider.enabled || disabledReason !== undefined,
  }));
}

/** As people and `--json` see it: the last four characters of the key, never more. */
export async function withKeyHint(
  { vault }: Pick<Services, 'vault'>,
  provider: ProviderConfig,
): Promise<ProviderConfig> {
  const apiKey = await vault.hint(provider.id, provider.apiKey).catch((error: unknown) => {
    if (error instanceof DarkFactoryError) return 'unreadable';
    throw error;
  });
  return { ...provider, apiKey };
}

/** Throws `not_found`/`provider_not_found`, naming those there are. */
export function findProvider(providers: readonly ProviderConfig[], id: string): ProviderConfig {
  const found = providers.find((each) => each.id === id);
  if (found !== undefined) return found;
  const names = providers.map((each) => each.id).join(', ');
  throw new DarkFactoryError(
    'not_found',
    'provider_not_found',
    `There is no provider ${JSON.stringify(id.slice(0, 80))}`,
    names === '' ? 'There are none yet; see df provider add --help' : `There are: ${names}`,
  );
}

async function change(
  { state }: ProviderHands,
  id: string,
  apply: (provider: ProviderConfig) => ProviderConfig,
): Promise<ProviderConfig> {
  const { providers } = await state.providers().update((file) => {
    findProvider(file.providers, id);
    return { ...file, providers: file.providers.map((each) => (each.id === id ? apply(each) : each)) };
  });
  return findProvider(providers, id);
}

async function keep({ vault }: Pick<Services, 'vault'>, id: string, key: KeyChoice): Promise<string> {
  switch (key.kind) {
    case 'sealed':
      return vault.seal(id, key.key);
    case 'environment':
      return `env:${key.variable}`;
    case 'none':
      return '';
  }
}

function parseProvider(raw: Record<string, unknown>): ProviderConfig {
  const parsed = providerConfig.safeParse(raw);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new DarkFactoryError(
    'usage',
    'provider_invalid',
    `${issue?.path.join('.') ?? 'provider'}: ${issue?.message ?? 'is not valid'}`,
    'See df provider add --help',
  );
}

function refuseTwice(providers: readonly ProviderConfig[], id: string): void {
  if (!providers.some((each) => each.id === id)) return;
  throw new DarkFactoryError(
    'usage',
    'provider_exists',
    `There is a provider ${id} already`,
    `Give another --id, or remove it first: df provider remove ${id}`,
  );
}

/** A price that is not known would count as zero, so such a model is not taken. */
async function requirePrice(provider: ProviderConfig): Promise<void> {
  const { priceOf } = await import('../../llm/prices.ts');
  if (priceOf(provider, { input: 1_000, cacheWrite: 0, cacheRead: 0, output: 1_000 }) !== null) return;
  throw new DarkFactoryError(
    'usage',
    'price_unknown',
    `The price of ${provider.model} is not known`,
    'Give --price-in and --price-out in US dollars per million tokens, or --free where it costs nothing',
  );
}
