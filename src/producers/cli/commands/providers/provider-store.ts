import type { ProviderConfig } from '../../../../factory/model/finance.ts';
import {
  type ProviderUpdate,
  updateProvider,
} from '../../../../factory/finance/providers/provider-update.ts';
import {
  addProvider,
  defaultProviderId,
  findProvider,
  type NewProvider,
  removeProvider,
} from '../../../../factory/finance/providers/providers.ts';
import { DarkFactoryError } from '../../../../lib/failure.ts';
import type { Services } from '../../../../services.ts';
import { ownerAct } from '../../framework/owner-act.ts';

/** How a key is kept: sealed in providers.yaml, in an environment variable, or not at all. */
export type KeyChoice =
  | { kind: 'sealed'; key: string }
  | { kind: 'environment'; variable: string }
  | { kind: 'none' };

/** What is said of how a model is to be asked. */
const WAYS = ['api', 'effort', 'maxOutputTokens'] as const;

/** Called when Redis is away: providers.yaml is changed all the same, but what workers know lives there. */
type Warn = (text: string) => void;

/**
 * Adds a provider.
 *
 * @param key sealed under the provider's id; never stored in clear
 * @throws DarkFactoryError the `usage` errors of the rules in factory/finance/providers.ts
 */
export async function storeProvider(
  services: Services,
  wanted: Omit<NewProvider, 'apiKey'>,
  key: KeyChoice,
  warn: Warn,
): Promise<ProviderConfig> {
  const id = wanted.id ?? defaultProviderId(wanted.name, wanted.model);
  const file = await services.state.providers().get();
  const isPriced = await priceCheck(services);
  // Judged once before a key is sealed for it, which makes a master key where there is none.
  const rules = { isPriced: () => true, spentBefore: 0 };
  const judged = findProvider(addProvider(file, { ...wanted, id, apiKey: '' }, rules), id);
  const { judgeModel } = await import('../../../../llm/facts/judge.ts');
  judgeModel(judged);
  if (key.kind === 'sealed') await requireMasterKey(services, file);
  await services.home.prepare();
  const config = { ...wanted, id, apiKey: await keep(services, id, key) };
  const api = await financeApi(services);
  const added = await (api === null ? withoutRedis() : api.addProvider(config));
  await ownerAct(services, 'provider.added', `Provider ${id} was added (${added.model}).`, {
    ...{ provider: id, model: added.model, key: kindOf(key) },
    ...(added.baseUrl === undefined ? {} : { baseUrl: added.baseUrl }),
  });
  return api === null ? added : tried(services, added);

  async function withoutRedis(): Promise<ProviderConfig> {
    warn('Redis does not answer: workers take it up when it is back.');
    const spentBefore = (await services.spentByProvider()).get(id) ?? 0;
    const after = await services.state
      .providers()
      .update((current) => addProvider(current, config, { isPriced, spentBefore }));
    return findProvider(after, id);
  }
}

/** How a key is kept, for the audit log: never more than the name of a variable. */
function kindOf(key: KeyChoice): string {
  return key.kind === 'environment' ? `env:${key.variable}` : key.kind;
}

/** Throws `environment`/`master_key_missing` where a new master key would stand beside keys that the lost one sealed. */
export async function requireMasterKey(
  { vault }: Pick<Services, 'vault'>,
  { providers }: { providers: readonly ProviderConfig[] },
): Promise<void> {
  const sealed = providers.find(({ apiKey }) => apiKey.startsWith('encrypted:'));
  if (sealed === undefined) return;
  await vault.open(sealed.id, sealed.apiKey).catch((error: unknown) => {
    // What else is wrong with that key is told by whoever needs it.
    if (!(error instanceof DarkFactoryError) || error.code === 'master_key_missing') throw error;
  });
}

/**
 * Changes a provider; a new key is sealed first. Throws `not_found`/`provider_not_found`, `usage`/`provider_invalid`.
 */
export async function changeProvider(
  services: Services,
  id: string,
  change: ProviderUpdate & { key?: KeyChoice },
  warn: Warn,
): Promise<ProviderConfig> {
  const { key, ...rest } = change;
  // Judged once before a key is sealed and Redis is looked for.
  const judged = findProvider(updateProvider(await services.state.providers().get(), id, rest), id);
  if (WAYS.some((each) => rest[each] !== undefined && rest[each] !== null)) {
    const { judgeWays } = await import('../../../../llm/facts/judge.ts');
    judgeWays(judged);
  }
  const update = key === undefined ? rest : { ...rest, apiKey: await keep(services, id, key) };
  const api = await financeApi(services);
  const changed = await (api === null ? withoutRedis() : api.updateProvider(id, update));
  await ownerAct(services, ...describe(id, rest, key));
  return api === null ? changed : tried(services, changed);

  async function withoutRedis(): Promise<ProviderConfig> {
    warn('Redis does not answer: workers may go on for a while by what they knew of this provider.');
    const spent = (await services.spentByProvider()).get(id) ?? 0;
    const after = await services.state.providers().update((file) => updateProvider(file, id, update, spent));
    return findProvider(after, id);
  }
}

/** Removes a provider. Throws `not_found`/`provider_not_found`. */
export async function forgetProvider(services: Services, id: string): Promise<void> {
  await services.state.providers().update((file) => removeProvider(file, id));
  await ownerAct(services, 'provider.removed', `Provider ${id} and its key were removed.`, { provider: id });
}

type Act = [type: string, message: string, data: Record<string, unknown>];

function describe(id: string, change: ProviderUpdate, key: KeyChoice | undefined): Act {
  const data = { provider: id, ...change };
  if (key !== undefined)
    return ['provider.key_set', `Provider ${id} has a new key.`, { ...data, key: kindOf(key) }];
  if (change.enabled === true) return ['provider.enabled', `Provider ${id} was switched on.`, data];
  if (change.enabled === false)
    return ['provider.disabled_by_owner', `Provider ${id} was switched off by its owner.`, data];
  return ['provider.changed', `Provider ${id} was changed: ${Object.keys(change).join(', ')}.`, data];
}

/** Projects that wait for a provider need not wait for the next look: a real call to this one is asked for now. */
async function tried({ desk }: Services, provider: ProviderConfig): Promise<ProviderConfig> {
  if (provider.enabled) await desk.requestProbeNow(provider.id);
  return provider;
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

/** `null` when Redis is away: a provider can be kept without it. */
async function financeApi(services: Services) {
  try {
    return await services.financeApi();
  } catch (error) {
    if (error instanceof DarkFactoryError && error.kind === 'environment') return null;
    throw error;
  }
}

async function priceCheck({ home }: Pick<Services, 'home'>): Promise<(provider: ProviderConfig) => boolean> {
  const { openPriceList } = await import('../../../../llm/price-list.ts');
  const { priceOf } = openPriceList(home.priceListFile);
  return (provider) =>
    priceOf(provider, { input: 1_000, cacheWrite: 0, cacheRead: 0, output: 1_000 }) !== null;
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
