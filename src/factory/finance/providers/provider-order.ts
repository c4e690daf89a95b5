import * as z from 'zod';
import type { DarkFactoryError } from '../../../lib/failure.ts';
import { whatChanges, whatDiffers } from '../../../lib/record.ts';
import { placeAndProblem } from '../../../lib/schema.ts';
import { withoutMissing } from '../../../lib/without-missing.ts';
import { type ProviderConfig, providerConfig } from '../../model/money/finance.ts';
import type { KeyChoice } from './key-choice.ts';
import { invalid } from './provider-checks.ts';
import type { ProviderUpdate } from './provider-update.ts';
import type { NewProvider } from './providers.ts';

/** Any number: what it may be is told by the checks of its field. */
const number = z.custom<number>((value) => typeof value === 'number', 'it must be a number');
const names = z.array(z.string());
const keyChoice = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('sealed'), key: z.string() }),
  z.strictObject({ kind: z.literal('environment'), variable: z.string() }),
  z.strictObject({ kind: z.literal('none') }),
]);

const limits = { requestsPerMinute: number, tokensPerMinute: number, requestsPerDay: number };
const terms = {
  baseUrl: z.string().optional(),
  priority: number.optional(),
  enabled: z.boolean().optional(),
  /** USD per million tokens. */
  priceIn: number.optional(),
  priceOut: number.optional(),
  priceCacheWrite: number.optional(),
  priceCacheRead: number.optional(),
  free: z.boolean().optional(),
  contextTokens: number.optional(),
  /** `null`: what is known of the model; the vendor's own. */
  maxOutputTokens: number.nullable().optional(),
  api: z.string().nullable().optional(),
  effort: z.string().nullable().optional(),
  /** Whom alone it works for; `null`: for all. */
  personas: names.nullable().optional(),
  projects: names.nullable().optional(),
  key: keyChoice.optional(),
  /** The key in the specification's form: `env:NAME` names a variable, an empty text is no key, all else is sealed. */
  apiKey: z.string().optional(),
};
/** What the factory notes of a provider by itself. A caller may hand it in as it stands, and not change it. */
const kept = {
  consecutiveFailures: number.optional(),
  lastSuccessAt: z.date().optional(),
  lastFailureAt: z.date().optional(),
};

const order = z.strictObject({
  ...terms,
  id: z.string().optional(),
  name: z.string(),
  model: z.string(),
  adapter: z.string().optional(),
  reported: providerConfig.shape.reported,
  /** USD that may be spent on it from now on. `credits` is another name of it. */
  creditsAvailable: number.optional(),
  credits: number.optional(),
  ...z.object(limits).partial().shape,
  rateLimit: z.strictObject(limits).partial().optional(),
});
const fewer = {
  requestsPerMinute: number.nullable(),
  tokensPerMinute: number.nullable(),
  requestsPerDay: number.nullable(),
};
const change = z.strictObject({
  ...terms,
  /** USD that may be spent on it from now on. `creditsAvailable` is another name of it. */
  credits: number.nullable().optional(),
  creditsAvailable: number.nullable().optional(),
  /** USD on top of what is left. */
  addCredits: number.optional(),
  ...z.object(fewer).partial().shape,
  rateLimit: z.strictObject(fewer).partial().optional(),
});

type Kept = z.input<z.ZodObject<typeof kept>>;

/** A provider that is to be added, by flat names or by those of the specification. Its key is sealed before anything is written. */
export type ProviderOrder = z.input<typeof order> & Kept;

/** What is to be changed of a provider. `null` takes a limit away; a new key is sealed first. */
export type ProviderChange = z.input<typeof change> &
  Kept &
  Partial<Pick<ProviderConfig, 'id' | 'name' | 'model'>>;

const CHANGEABLE = Object.keys(change.shape).join(', ');

/** Throws `usage`/`provider_invalid`, which names each field that is not known or cannot be said. */
export function readOrder(given: ProviderOrder): Omit<NewProvider, 'apiKey'> & { key: KeyChoice } {
  const { credits, creditsAvailable, ...rest } = read(order, withoutKept(given));
  const { key, ...wanted } = flat(rest);
  if (key === undefined)
    throw invalid(
      'There is no key for the provider',
      "Give key or apiKey; { kind: 'none' } or '' where its endpoint wants none.",
    );
  const may = oneOf({ creditsAvailable, credits });
  return { ...wanted, ...(may === undefined ? {} : { creditsAvailable: may }), key };
}

/** What is to be different from the provider as it stands. Throws as `readOrder`, and where that is nothing. */
export function readChange(
  given: ProviderChange,
  there: ProviderConfig,
): Omit<ProviderUpdate, 'apiKey'> & { key?: KeyChoice } {
  // A provider that is handed back says of most how it stands.
  const said = withoutMissing(whatChanges(given, there, providerConfig.shape, change.shape));
  const { credits, creditsAvailable, ...rest } = read(change, said);
  const may = oneOf({ credits, creditsAvailable });
  const changed = { ...flat(rest), ...(may === undefined ? {} : { credits: may }) };
  if (Object.keys(changed).length > 0) return changed;
  throw invalid(`Nothing of the provider ${there.id} is to be changed`, `Give one of ${CHANGEABLE}.`);
}

/** Without what the factory notes by itself, where it says what is so of a new one, and without what is not given. */
function withoutKept(given: object): object {
  const other = whatDiffers(given, { consecutiveFailures: 0 });
  const told = Object.entries(withoutMissing(given));
  return Object.fromEntries(told.filter(([name]) => !(name in kept) || name in other));
}

function read<T extends z.ZodObject>(schema: T, given: object): z.output<T> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => placeAndProblem(issue, 'cannot be said of it'));
  throw invalid(
    `The provider is not usable: ${problems.join('; ')}`,
    `Nothing was changed. It has ${Object.keys(schema.shape).join(', ')}.`,
  );
}

type Nested<L> = { key?: KeyChoice | undefined; apiKey?: string | undefined; rateLimit?: L | undefined };

/** Key and limits as the factory has them. Each is said once. */
function flat<L extends object, T extends Nested<L>>({ apiKey, key, rateLimit = {} as L, ...rest }: T) {
  const twice = Object.keys(withoutMissing(rateLimit)).find((name) => name in rest);
  if (twice !== undefined) throw saidTwice(twice, `rateLimit.${twice}`);
  const text = apiKey === undefined ? undefined : keyOf(apiKey);
  return withoutMissing({ ...rest, ...rateLimit, key: oneOf({ key, apiKey: text }) });
}

function keyOf(text: string): KeyChoice {
  if (text === '') return { kind: 'none' };
  if (text.startsWith('env:')) return { kind: 'environment', variable: text.slice('env:'.length) };
  return { kind: 'sealed', key: text };
}

/** The value of two fields that mean the same. */
function oneOf<T>(fields: Readonly<Record<string, T | undefined>>): T | undefined {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  const [first, second] = given;
  if (first !== undefined && second !== undefined) throw saidTwice(first[0], second[0]);
  return first?.[1];
}

function saidTwice(one: string, other: string): DarkFactoryError {
  return invalid(`${one} and ${other} say the same`, 'Leave one of them out.');
}
