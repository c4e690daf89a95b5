import { DarkFactoryError } from '../../lib/failure.ts';
import type { Config } from '../config/config.ts';
import { isTier, tierNames } from '../finance/routing/tiers.ts';
import type { StateStore } from '../ports.ts';

/** Throws `usage`/`model_unknown`. @param persona that asks for it. Missing: the owner does */
export async function requireModel(
  { state, config }: { state: Pick<StateStore, 'providers'>; config: Pick<Config, 'tiers'> },
  model: string,
  persona?: string,
): Promise<void> {
  if (isTier(config.tiers, model)) return;
  const { providers } = await state.providers().get();
  const enabled = providers.filter((each) => each.enabled);
  if (enabled.some((each) => each.id === model || each.model === model)) return;
  const name = JSON.stringify(model.slice(0, 100));
  const tiers = tierNames(config.tiers);
  throw new DarkFactoryError(
    'usage',
    'model_unknown',
    persona === undefined
      ? `No provider that is switched on has the id or model ${name}${tiers.length === 0 ? '' : ', and no tier has this name'}`
      : `The persona ${persona} wants ${name} (model), and neither a tier nor a provider that is switched on has this name`,
    `Nothing was changed. There are: ${[...tiers, ...enabled.map(({ id }) => id)].join(', ') || 'none'}. See df provider list, and tiers in config.yaml.`,
  );
}
