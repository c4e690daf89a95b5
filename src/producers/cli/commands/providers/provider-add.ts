import type { KeyChoice } from '../../../../factory/finance/providers/key-choice.ts';
import { keyInClearWarning, sendsKeyInClear } from '../../../../factory/finance/providers/provider-checks.ts';
import type { NewProvider } from '../../../../factory/finance/providers/providers.ts';
import type { ProviderConfig } from '../../../../factory/model/money/finance.ts';
import { nearest } from '../../../../lib/text/nearest.ts';
import { withKeyHint } from '../../../documents/key-hint.ts';
import type { CommandContext } from '../../framework/context.ts';
import type { Invocation } from '../../framework/options.ts';
import { warner } from '../../framework/warn.ts';
import { jsonText } from '../../render/output.ts';
import { askEndpoint, knowledgeOf, tellKnowledge, unlistedHint } from './model-text.ts';
import { hintAtKey, readKey, readNewProvider } from './provider-input.ts';
import { knownProjects } from './provider-scope.ts';
import { storeProvider } from './provider-store.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const given = await readNewProvider(context, invocation);
  const wanted = { ...given, ...(await knownProjects(context, given.projects)) };
  // Last, so that nothing is read from stdin for a command that is wrong anyway.
  const key = await readKey(context, invocation, wanted.name);
  const services = await context.services();
  const reported = await listed(context, wanted, key);
  const provider = await storeProvider(services, { ...wanted, ...reported, key });
  await tellProvider(context, provider, `Added ${provider.id} (${provider.model}).`);
  await tellKnowledge(context, provider);
  if (!context.json) {
    context.out.line(`Try it with a tiny real call: ${context.program} provider probe ${provider.id}`);
  }
  hintAtKey(context, invocation);
  return 0;
}

/** What the endpoint's own list says of the model; nothing where it has none. */
async function listed(
  context: CommandContext,
  wanted: Omit<NewProvider, 'apiKey'>,
  key: KeyChoice,
): Promise<Pick<NewProvider, 'reported'>> {
  const plain = keyText(key, context.env);
  const answer = await askEndpoint(wanted, plain, await context.services());
  if (answer === null) return {};
  const { names, reported } = answer;
  if (names.length > 0 && !names.includes(wanted.model)) {
    context.err.line(unlistedHint(wanted.model, nearest(wanted.model, names)));
  }
  return reported === undefined ? {} : { reported };
}

function keyText(key: KeyChoice, env: NodeJS.ProcessEnv): string {
  if (key.kind === 'sealed') return key.key;
  return key.kind === 'environment' ? (env[key.variable] ?? '') : '';
}

/** The provider with the end of its key and what is known of its model as JSON, or the same in a few lines. */
export async function tellProvider(
  context: CommandContext,
  provider: ProviderConfig,
  said: string,
): Promise<void> {
  if (provider.enabled && sendsKeyInClear(provider)) warner(context)(keyInClearWarning(provider));
  if (!context.json) context.out.line(said);
  else {
    const shown = await withKeyHint(await context.services(), provider);
    context.out.raw(jsonText({ ...shown, ...(await knowledgeOf(provider, await context.services())) }));
  }
}
