import type { ProviderConfig } from '../../factory/finance/finance.ts';
import { keyInClearWarning, sendsKeyInClear } from '../../factory/finance/provider-checks.ts';
import type { CommandContext } from './context.ts';
import type { Invocation } from './options.ts';
import { jsonText } from './output.ts';
import { hintAtKey, readKey, readNewProvider } from './provider-input.ts';
import { knownProjects } from './provider-scope.ts';
import { storeProvider, withKeyHint } from './provider-store.ts';
import { warner } from './warn.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const given = await readNewProvider(context, invocation);
  const wanted = { ...given, ...(await knownProjects(context, given.projects)) };
  // Last, so that nothing is read from stdin for a command that is wrong anyway.
  const key = await readKey(context, invocation, ['openai', 'anthropic'].includes(wanted.name));
  const provider = await storeProvider(await context.services(), wanted, key, warner(context));
  await tellProvider(context, provider, `Added ${provider.id} (${provider.model}).`);
  if (!context.json) {
    context.out.line(`Try it with a tiny real call: ${context.program} provider probe ${provider.id}`);
  }
  hintAtKey(context, invocation);
  return 0;
}

/** The provider with the end of its key as JSON, or one sentence. */
export async function tellProvider(
  context: CommandContext,
  provider: ProviderConfig,
  said: string,
): Promise<void> {
  if (provider.enabled && sendsKeyInClear(provider)) warner(context)(keyInClearWarning(provider));
  if (!context.json) context.out.line(said);
  else context.out.raw(jsonText(await withKeyHint(await context.services(), provider)));
}
