import type { CommandContext } from './context.ts';
import { type Invocation, requiredArgument } from './options.ts';
import { tellProvider } from './provider-add.ts';
import { enableProvider } from './provider-store.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const provider = await enableProvider(await context.services(), requiredArgument(invocation));
  await tellProvider(context, provider, `${provider.id} is used again.`);
  return 0;
}
