import { DarkFactoryError } from '../../../lib/failure.ts';
import type { OwnerAct } from '../../model/event.ts';
import type { ProviderConfig, ProvidersFile } from '../../model/money/finance.ts';
import type { KeyVault, Meter, StateStore } from '../../ports.ts';
import { checkedKey, type KeyChoice } from './key-choice.ts';
import { type ProviderChange, type ProviderOrder, readChange, readOrder } from './provider-order.ts';
import { clearsHealth, type ProviderUpdate, updateProvider } from './provider-update.ts';
import { addProvider, defaultProviderId, findProvider, removeProvider } from './providers.ts';

export interface ChangeDeps {
  state: Pick<StateStore, 'providers'>;
  vault: Pick<KeyVault, 'seal' | 'open'>;
  /** Is a price known for it, its own or the catalogue's? */
  isPriced(provider: ProviderConfig): boolean;
  /**
   * Refuses a provider whose model cannot be meant, or cannot do what is asked of it. `ways`: only how it is asked.
   *
   * Throws `usage` errors.
   */
  judge(provider: ProviderConfig, what: 'model' | 'ways'): Promise<void>;
  /** Makes the folders of the home. */
  prepare(): Promise<void>;
  /** Throws `environment` errors while Redis is away: a provider can be kept without it. */
  meter(): Promise<Meter>;
  /** USD spent on each provider, from all ledgers. */
  spentByProvider(): Promise<Map<string, number>>;
  /**
   * Asks for a real call to it, if any project waits for one.
   *
   * @param isNew what was known of it no longer holds: projects that are paused until a provider is tried again go on
   */
  tryNow(providerId: string, isNew: boolean): Promise<unknown>;
  /** A line for the factory's audit log. */
  act(...act: OwnerAct): Promise<void>;
  /** Is told what workers do not know yet, since Redis is away. */
  onNote(text: string): void;
}

/** Adding, changing and removing providers, the same whether Redis answers or not. */
export function createProviderChanges(deps: ChangeDeps) {
  const { state, act } = deps;

  /** `null`: Redis is away. */
  async function meterIfThere(): Promise<Meter | null> {
    try {
      return await deps.meter();
    } catch (error) {
      if (error instanceof DarkFactoryError && error.kind === 'environment') return null;
      throw error;
    }
  }

  async function spentOn(meter: Meter | null, id: string): Promise<number> {
    if (meter === null) return (await deps.spentByProvider()).get(id) ?? 0;
    return (await meter.live([id])).get(id)?.spentUsd ?? 0;
  }

  async function store(id: string, key: KeyChoice): Promise<string> {
    if (key.kind === 'sealed') return deps.vault.seal(id, key.key);
    return key.kind === 'environment' ? `env:${key.variable}` : '';
  }

  /** Tells the workers, where Redis can. Projects that wait for a provider need not wait for the next look. */
  async function tell(meter: Meter | null, { id, enabled }: ProviderConfig, fresh: boolean): Promise<void> {
    if (meter === null) return;
    if (fresh) await meter.report(id, { kind: 'forget' });
    if (enabled) await deps.tryNow(id, fresh);
  }

  return {
    /** Throws the `usage` errors of `addProvider` in providers.ts, of `judge`, and `environment` errors of the keys. */
    async add(order: ProviderOrder): Promise<ProviderConfig> {
      const { key: given, ...wanted } = readOrder(order);
      const key = checkedKey(given);
      const id = wanted.id ?? defaultProviderId(wanted.name, wanted.model);
      const file = await state.providers().get();
      // Judged once before a key is sealed for it, which makes a master key where there is none.
      const rules = { isPriced: () => true, spentBefore: 0 };
      await deps.judge(findProvider(addProvider(file, { ...wanted, id, apiKey: '' }, rules), id), 'model');
      if (key.kind === 'sealed') await requireMasterKey(deps, file);
      await deps.prepare();
      const config = { ...wanted, id, apiKey: await store(id, key) };
      const meter = await meterIfThere();
      if (meter === null) deps.onNote('Redis does not answer: workers take it up when it is back.');
      const { isPriced } = deps;
      const spentBefore = await spentOn(meter, id);
      const after = await state
        .providers()
        .update((current) => addProvider(current, config, { isPriced, spentBefore }));
      const added = findProvider(after, id);
      await act('provider.added', `Provider ${id} was added (${added.model}).`, {
        ...{ provider: id, model: added.model, key: kindOf(key) },
        ...(added.baseUrl === undefined ? {} : { baseUrl: added.baseUrl }),
      });
      await tell(meter, added, true);
      return added;
    },
    /** Throws `not_found`/`provider_not_found`, `usage`/`provider_invalid`, and the `usage` errors of `judge`. */
    async change(id: string, order: ProviderChange): Promise<ProviderConfig> {
      const file = await state.providers().get();
      const { key: given, ...rest } = readChange(order, findProvider(file, id));
      const key = given === undefined ? undefined : checkedKey(given);
      // Judged once before a key is sealed and Redis is looked for.
      const judged = findProvider(updateProvider(file, id, rest), id);
      if (WAYS.some((each) => rest[each] !== undefined && rest[each] !== null))
        await deps.judge(judged, 'ways');
      const update: ProviderUpdate = key === undefined ? rest : { ...rest, apiKey: await store(id, key) };
      const meter = await meterIfThere();
      if (meter === null)
        deps.onNote(
          'Redis does not answer: workers may go on for a while by what they knew of this provider.',
        );
      const spent = await spentOn(meter, id);
      const after = await state.providers().update((current) => updateProvider(current, id, update, spent));
      const changed = findProvider(after, id);
      await act(...describe(id, rest, key));
      await tell(meter, changed, clearsHealth(update));
      return changed;
    },
    /** Throws `not_found`/`provider_not_found`. */
    async remove(id: string): Promise<void> {
      await state.providers().update((file) => removeProvider(file, id));
      await act('provider.removed', `Provider ${id} and its key were removed.`, { provider: id });
    },
  };
}

/** What is said of how a model is to be asked. */
const WAYS = ['api', 'effort', 'maxOutputTokens'] as const;

/** Throws `environment`/`master_key_missing` where a new master key would stand beside keys that the lost one sealed. */
export async function requireMasterKey(
  { vault }: { vault: Pick<KeyVault, 'open'> },
  { providers }: Pick<ProvidersFile, 'providers'>,
): Promise<void> {
  const sealed = providers.find(({ apiKey }) => apiKey.startsWith('encrypted:'));
  if (sealed === undefined) return;
  await vault.open(sealed.id, sealed.apiKey).catch((error: unknown) => {
    // What else is wrong with that key is told by whoever needs it.
    if (!(error instanceof DarkFactoryError) || error.code === 'master_key_missing') throw error;
  });
}

/** How a key is kept, for the audit log: never more than the name of a variable. */
function kindOf(key: KeyChoice): string {
  return key.kind === 'environment' ? `env:${key.variable}` : key.kind;
}

function describe(id: string, change: Omit<ProviderUpdate, 'apiKey'>, key: KeyChoice | undefined): OwnerAct {
  const data = { provider: id, ...change };
  if (key !== undefined)
    return ['provider.key_set', `Provider ${id} has a new key.`, { ...data, key: kindOf(key) }];
  if (change.enabled === true) return ['provider.enabled', `Provider ${id} was switched on.`, data];
  if (change.enabled === false)
    return ['provider.disabled_by_owner', `Provider ${id} was switched off by its owner.`, data];
  return ['provider.changed', `Provider ${id} was changed: ${Object.keys(change).join(', ')}.`, data];
}
