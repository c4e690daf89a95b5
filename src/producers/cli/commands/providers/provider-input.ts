import { stat } from 'node:fs/promises';
import path from 'node:path';
import { checkedKey, type KeyChoice } from '../../../../factory/finance/providers/key-choice.ts';
import type { ProviderUpdate } from '../../../../factory/finance/providers/provider-update.ts';
import type { NewProvider } from '../../../../factory/finance/providers/providers.ts';
import { keyVariableOf, wantsKey } from '../../../../factory/model/money/vendors.ts';
import { usageError } from '../../../../lib/failure.ts';
import { withoutMissing } from '../../../../lib/without-missing.ts';
import { askSecret, askYesNo, mayAsk, saidBy } from '../../framework/ask.ts';
import type { CommandContext } from '../../framework/context.ts';
import { flagOption, type Invocation, textOption } from '../../framework/options.ts';
import { parseAmount, parseList, parseWhole } from '../../framework/parse.ts';
import { readStdin } from '../../framework/text-input.ts';

/** No number that is typed for a limit is larger. */
const MOST = 999_999_999_999;

/**
 * Reads what `df provider add` was asked for: here texts become numbers and files are found; what goes together is judged by
 * the rules in factory/finance/providers.ts.
 */
export async function readNewProvider(
  context: CommandContext,
  invocation: Invocation,
): Promise<Omit<NewProvider, 'apiKey'>> {
  const text = (name: string) => textOption(invocation, name);
  const model = text('model')?.trim() ?? '';
  if (model === '')
    throw usageError('invalid_model', '--model is empty', "Give the model's name at that vendor");
  const adapter = text('adapter');
  return withoutMissing({
    ...readTerms(invocation),
    id: text('id'),
    name: text('name') ?? '',
    model,
    adapter: adapter === undefined ? undefined : await findAdapter(path.resolve(context.cwd, adapter)),
    api: text('api'),
    effort: text('effort'),
    maxOutputTokens: number(parseCount, '--max-output', text('maxOutput')),
    creditsAvailable: number(parseAmount, '--credits', text('credits')),
    requestsPerMinute: number(parseCount, '--rpm', text('rpm')),
    tokensPerMinute: number(parseCount, '--tpm', text('tpm')),
    requestsPerDay: number(parseCount, '--rpd', text('rpd')),
  });
}

function readTerms(invocation: Invocation) {
  const text = (name: string) => textOption(invocation, name);
  return {
    baseUrl: text('baseUrl'),
    priority: number(parseCount, '--priority', text('priority')),
    priceIn: number(parseAmount, '--price-in', text('priceIn')),
    priceOut: number(parseAmount, '--price-out', text('priceOut')),
    priceCacheRead: number(parseAmount, '--price-cache-read', text('priceCacheRead')),
    priceCacheWrite: number(parseAmount, '--price-cache-write', text('priceCacheWrite')),
    free: flagOption(invocation, 'free') ? true : undefined,
    contextTokens: number(parseCount, '--context-tokens', text('contextTokens')),
    personas: names('--personas', text('personas')),
    projects: names('--projects', text('projects')),
  };
}

/** `none` takes the limit away. */
function names(option: string, text: string | undefined): string[] | null | undefined {
  if (text === undefined) return undefined;
  return text === 'none' ? null : parseList(option, [text]);
}

/** What `df provider update` was asked for. `none` takes a limit away. */
export function readProviderUpdate(invocation: Invocation): ProviderUpdate {
  const text = (name: string) => textOption(invocation, name);
  const update = withoutMissing({
    ...readTerms(invocation),
    api: word(text('api')),
    effort: word(text('effort')),
    maxOutputTokens: limit(parseCount, '--max-output', text('maxOutput')),
    credits: limit(parseAmount, '--credits', text('credits')),
    addCredits: number(parseAmount, '--add-credits', text('addCredits')),
    requestsPerMinute: limit(parseCount, '--rpm', text('rpm')),
    tokensPerMinute: limit(parseCount, '--tpm', text('tpm')),
    requestsPerDay: limit(parseCount, '--rpd', text('rpd')),
  });
  if (Object.keys(update).length > 0) return update;
  throw usageError(
    'nothing_to_change',
    'Nothing is to be changed',
    'Give an option, for example --add-credits 20',
  );
}

const word = (text: string | undefined) => (text === 'none' ? null : text);

const limit = (parse: Parse, option: string, text: string | undefined) =>
  text === 'none' ? null : number(parse, option, text);

const parseCount = (option: string, text: string) => parseWhole(option, text, 0, MOST);

type Parse = (option: string, text: string) => number;

function number(parse: Parse, option: string, text: string | undefined): number | undefined {
  return text === undefined ? undefined : parse(option, text);
}

async function findAdapter(file: string): Promise<string> {
  const found = await stat(file).catch(() => null);
  if (found?.isFile()) return file;
  throw usageError(
    'adapter_missing',
    `There is no file ${file}`,
    'Give --adapter the JavaScript module that talks to the model',
  );
}

/** @param vendor what the key is for; where it takes nobody without one and none was given, one is offered or asked for */
export async function readKey(
  context: CommandContext,
  invocation: Invocation,
  vendor: string,
  needed: boolean = wantsKey(vendor),
): Promise<KeyChoice> {
  const plain = textOption(invocation, 'apiKey');
  const variable = textOption(invocation, 'apiKeyEnv');
  const fromStdin = flagOption(invocation, 'apiKeyStdin');
  const ways = [plain !== undefined, variable !== undefined, fromStdin].filter(Boolean).length;
  const hint = 'Give one of --api-key-env VARIABLE, --api-key-stdin or --api-key KEY';
  if (ways > 1) throw usageError('key_twice', 'The key is given in more than one way', hint);
  if (variable !== undefined) return checkedKey({ kind: 'environment', variable });
  if (plain !== undefined) return checkedKey({ kind: 'sealed', key: plain });
  if (fromStdin)
    return checkedKey({ kind: 'sealed', key: await readStdin('--api-key-stdin', context.stdin) });
  if (!needed) return { kind: 'none' };
  const found = keyInEnvironment(vendor, context.env);
  if (mayAsk(context)) return askKey(found);
  throw usageError(
    'key_missing',
    'There is no API key',
    found === undefined ? hint : `${found} is set here: add --api-key-env ${found}. ${hint}`,
  );
}

/** The variable in which most people have the key of this vendor, where it is set. */
export function keyInEnvironment(vendor: string, env: NodeJS.ProcessEnv): string | undefined {
  const variable = keyVariableOf(vendor);
  return variable !== null && env[variable] ? variable : undefined;
}

/** @param found a variable that holds it already */
export async function askKey(found: string | undefined): Promise<KeyChoice> {
  if (found !== undefined && (await askYesNo(`Use the key in ${found}, whenever it is needed?`)))
    return { kind: 'environment', variable: found };
  const problem = (key: string) => saidBy(() => checkedKey({ kind: 'sealed', key }));
  return checkedKey({ kind: 'sealed', key: await askSecret('API key? It is kept encrypted.', problem) });
}

/** What the owner should know of the way the key was given; told once the command has done what it should. */
export function hintAtKey({ env, err }: CommandContext, invocation: Invocation): void {
  const variable = textOption(invocation, 'apiKeyEnv');
  if (variable !== undefined && !env[variable])
    err.line(`hint: ${variable} is not set here; workers need it in their environment.`);
  if (textOption(invocation, 'apiKey') !== undefined)
    err.line('hint: the key now stands in the shell history; --api-key-env and --api-key-stdin avoid that.');
}
