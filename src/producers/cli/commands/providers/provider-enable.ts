import type { CommandContext } from '../../framework/context.ts';
import { type Invocation, requiredArgument } from '../../framework/options.ts';
import { tellProvider } from './provider-add.ts';
import { changeProvider } from './provider-store.ts';

/** A provider that is switched on starts afresh: what went wrong before does not count. */
export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const services = await context.services();
  const id = requiredArgument(invocation);
  const provider = await changeProvider(services, id, { enabled: true });
  await tellProvider(context, provider, `${id} is used again.`);
  return 0;
}
