import { findProvider } from '../../../../factory/finance/providers/providers.ts';
import type { CommandContext } from '../../framework/context.ts';
import { type Invocation, requiredArgument } from '../../framework/options.ts';
import { tellProvider } from './provider-add.ts';
import { hintAtKey, readKey } from './provider-input.ts';
import { changeProvider } from './provider-store.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const services = await context.services();
  const id = requiredArgument(invocation);
  // Before a key is read from stdin for nothing.
  const { name } = findProvider(await services.state.providers().get(), id);
  const key = await readKey(context, invocation, name, true);
  const provider = await changeProvider(services, id, { key });
  await tellProvider(
    context,
    provider,
    `${id} has a new key; running workers take it up at their next call.`,
  );
  hintAtKey(context, invocation);
  return 0;
}
