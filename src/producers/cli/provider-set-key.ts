import type { CommandContext } from './context.ts';
import { type Invocation, requiredArgument } from './options.ts';
import { tellProvider } from './provider-add.ts';
import { readKey } from './provider-input.ts';
import { findProvider, setProviderKey } from './provider-store.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const services = await context.services();
  const id = requiredArgument(invocation);
  // Before a key is read from stdin for nothing.
  findProvider((await services.state.providers().get()).providers, id);
  const provider = await setProviderKey(services, id, await readKey(context, invocation, true));
  await tellProvider(
    context,
    provider,
    `${id} has a new key; running workers take it up at their next call.`,
  );
  return 0;
}
