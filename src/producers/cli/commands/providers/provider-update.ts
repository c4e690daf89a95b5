import type { CommandContext } from '../../framework/context.ts';
import { type Invocation, requiredArgument } from '../../framework/options.ts';
import { tellKnowledge } from './model-text.ts';
import { tellProvider } from './provider-add.ts';
import { readProviderUpdate } from './provider-input.ts';
import { knownProjects } from './provider-scope.ts';
import { changeProvider } from './provider-store.ts';

/** Changes credits, limits, prices or the endpoint; running workers take it up at their next call. */
export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const given = readProviderUpdate(invocation);
  const services = await context.services();
  const update = { ...given, ...(await knownProjects(context, given.projects)) };
  const id = requiredArgument(invocation);
  const provider = await changeProvider(services, id, update);
  await tellProvider(context, provider, `${id} is changed; running workers take it up at their next call.`);
  await tellKnowledge(context, provider);
  return 0;
}
