import { DarkFactoryError } from '../../lib/failure.ts';
import type { StateStore } from '../ports.ts';

export async function requireModel(state: StateStore, model: string): Promise<void> {
  const { providers } = await state.providers().get();
  const enabled = providers.filter((each) => each.enabled);
  if (enabled.some((each) => each.id === model || each.model === model)) return;
  throw new DarkFactoryError(
    'usage',
    'model_unknown',
    `No provider that is switched on has the id or model ${JSON.stringify(model.slice(0, 100))}`,
    `Nothing was changed. There are: ${enabled.map(({ id }) => id).join(', ') || 'none'}. See df provider list.`,
  );
}
