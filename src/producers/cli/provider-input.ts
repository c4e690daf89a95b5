import { stat } from 'node:fs/promises';
import path from 'node:path';
import { type Prices, type RateLimit, vendor } from '../../factory/finance/finance.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import { slug } from '../../lib/slug.ts';
import type { CommandContext } from './context.ts';
import { flagOption, type Invocation, textOption } from './options.ts';
import { parseChoice, parseUsd, parseWhole } from './parse.ts';
import type { KeyChoice, NewProvider } from './provider-store.ts';
import { readStdin } from './text-input.ts';

/** Limits above this are no limits. */
const MOST = 1_000_000_000;

function usage(code: string, message: string, hint: string): DarkFactoryError {
  return new DarkFactoryError('usage', code, message, hint);
}

/** Reads what `df provider add` was asked for. */
export async function readNewProvider(context: CommandContext, invocation: Invocation): Promise<NewProvider> {
  const name = parseChoice('--name', textOption(invocation, 'name') ?? '', vendor.options);
  const model = textOption(invocation, 'model')?.trim() ?? '';
  if (model === '') throw usage('invalid_model', '--model is empty', "Give the model's name at that vendor");
  const credits = textOption(invocation, 'credits');
  const contextTokens = textOption(invocation, 'contextTokens');
  return {
    id: textOption(invocation, 'id') ?? slug(`${name} ${model}`, { max: 60 }),
    name,
    model,
    ...(await readEndpoint(context, invocation, name)),
    ...(credits === undefined ? {} : { credits: parseUsd('--credits', credits) }),
    priority: parseWhole('--priority', textOption(invocation, 'priority') ?? '1', 0, 1_000),
    rateLimit: readLimits(invocation),
    ...readPrices(invocation),
    ...(contextTokens === undefined
      ? {}
      : { contextTokens: parseWhole('--context-tokens', contextTokens, 1_000, MOST) }),
    // Last, so that nothing is read from stdin for a command that is wrong anyway.
    key: await readKey(context, invocation, name !== 'custom'),
  };
}

async function readEndpoint(
  context: CommandContext,
  invocation: Invocation,
  name: NewProvider['name'],
): Promise<Pick<NewProvider, 'baseUrl' | 'adapter'>> {
  const baseUrl = textOption(invocation, 'baseUrl');
  const adapter = textOption(invocation, 'adapter');
  if (name === 'custom' && baseUrl === undefined && adapter === undefined) {
    throw usage(
      'endpoint_missing',
      'A custom provider needs an endpoint',
      'Give --base-url, for example http://127.0.0.1:11434/v1, or --adapter FILE',
    );
  }
  if (name !== 'custom' && adapter !== undefined) {
    throw usage(
      'adapter_not_custom',
      '--adapter goes with --name custom alone',
      'Leave it out, or use --name custom',
    );
  }
  return {
    ...(baseUrl === undefined ? {} : { baseUrl: parseBaseUrl(baseUrl) }),
    ...(adapter === undefined ? {} : { adapter: await findAdapter(path.resolve(context.cwd, adapter)) }),
  };
}

function parseBaseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const hint = 'Write for example https://openrouter.ai/api/v1 or http://127.0.0.1:11434/v1';
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    throw usage(
      'base_url_invalid',
      `--base-url ${JSON.stringify(text.slice(0, 80))} is no http or https address`,
      hint,
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw usage(
      'base_url_invalid',
      '--base-url holds a user or password',
      'Give the key with --api-key-stdin instead',
    );
  }
  return text;
}

async function findAdapter(file: string): Promise<string> {
  const found = await stat(file).catch(() => null);
  if (found?.isFile()) return file;
  throw usage(
    'adapter_missing',
    `There is no file ${file}`,
    'Give --adapter the JavaScript module that talks to the model',
  );
}

function readLimits(invocation: Invocation): RateLimit {
  const limit = (name: string) => {
    const text = textOption(invocation, name);
    return text === undefined ? undefined : parseWhole(`--${name}`, text, 1, MOST);
  };
  const [requestsPerMinute, tokensPerMinute, requestsPerDay] = [limit('rpm'), limit('tpm'), limit('rpd')];
  return {
    ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
    ...(tokensPerMinute === undefined ? {} : { tokensPerMinute }),
    ...(requestsPerDay === undefined ? {} : { requestsPerDay }),
  };
}

function readPrices(invocation: Invocation): { prices?: Prices; free?: boolean } {
  const input = textOption(invocation, 'priceIn');
  const output = textOption(invocation, 'priceOut');
  const free = flagOption(invocation, 'free');
  if (free && (input !== undefined || output !== undefined)) {
    throw usage('price_contradiction', '--free contradicts a price', 'Give one or the other');
  }
  if (free) return { free };
  if (input === undefined && output === undefined) return {};
  if (input === undefined || output === undefined) {
    throw usage(
      'price_incomplete',
      `--price-${input === undefined ? 'in' : 'out'} is missing`,
      'Give both --price-in and --price-out, in US dollars per million tokens',
    );
  }
  return { prices: { input: parseUsd('--price-in', input), output: parseUsd('--price-out', output) } };
}

const LONGEST_KEY = 10_000;

/** @param needed a vendor that takes nobody without a key */
export async function readKey(
  context: CommandContext,
  invocation: Invocation,
  needed: boolean,
): Promise<KeyChoice> {
  const plain = textOption(invocation, 'apiKey');
  const variable = textOption(invocation, 'apiKeyEnv');
  const fromStdin = flagOption(invocation, 'apiKeyStdin');
  const ways = [plain !== undefined, variable !== undefined, fromStdin].filter(Boolean).length;
  const hint = 'Give one of --api-key-env VARIABLE, --api-key-stdin or --api-key KEY';
  if (ways > 1) throw usage('key_twice', 'The key is given in more than one way', hint);
  if (variable !== undefined) return fromEnvironment(context, variable);
  if (plain !== undefined) {
    context.err.line(
      'hint: the key now stands in the shell history; --api-key-env and --api-key-stdin avoid that.',
    );
    return { kind: 'sealed', key: checkKey(plain) };
  }
  if (fromStdin) return { kind: 'sealed', key: checkKey(await readStdin('--api-key-stdin', context.stdin)) };
  if (needed) throw usage('key_missing', 'There is no API key', hint);
  return { kind: 'none' };
}

function fromEnvironment({ env, err }: CommandContext, variable: string): KeyChoice {
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,200}$/.test(variable)) {
    throw usage(
      'variable_invalid',
      '--api-key-env wants the name of an environment variable, not its value',
      'Write for example --api-key-env OPENAI_API_KEY',
    );
  }
  if (!env[variable]) err.line(`hint: ${variable} is not set here; workers need it in their environment.`);
  return { kind: 'environment', variable };
}

/** A key goes into a header of each request: visible ASCII. The key itself is never part of a message. */
function checkKey(text: string): string {
  const key = text.trim();
  if (key !== '' && key.length <= LONGEST_KEY && /^[\x21-\x7e]+$/.test(key)) return key;
  const problem =
    key === ''
      ? 'is empty'
      : key.length > LONGEST_KEY
        ? 'is too long'
        : 'holds blanks, line breaks or other odd characters';
  throw usage('key_invalid', `The API key ${problem}`, 'Copy it again from where it was made');
}
