import type { CommandContext } from '../../framework/context.ts';
import { type Invocation, requiredArgument } from '../../framework/options.ts';
import { tellProvider } from './provider-add.ts';
import { changeProvider } from './provider-store.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const services = await context.services();
  const id = requiredArgument(invocation);
  const provider = await changeProvider(services, id, { enabled: false });
  await tellProvider(context, provider, `${id} is not used any more, from the next call on.`);
  return 0;
}
