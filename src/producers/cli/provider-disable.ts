import type { CommandContext } from './context.ts';
import { type Invocation, requiredArgument } from './options.ts';
import { tellProvider } from './provider-add.ts';
import { disableProvider } from './provider-store.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const provider = await disableProvider(await context.services(), requiredArgument(invocation));
  await tellProvider(context, provider, `${provider.id} is not used any more, from the next call on.`);
  return 0;
}
