import type { Effort, ProviderApi, ProviderConfig } from '../../factory/model/money/finance.ts';
import { vendorRecord } from '../../factory/model/money/vendors.ts';
import type { FactsOf, ModelFacts } from '../../factory/ports.ts';
import { isOpenai } from '../endpoint.ts';
import { contextWindow } from '../prices.ts';
import { VENDOR_TABLES } from '../vendors.ts';
import { type Family, familyOf, kinOf, withoutPrefix } from './family.ts';
import { OPENAI_NOT_TEXT } from './openai.ts';

type Asked = Pick<ProviderConfig, 'name' | 'model' | 'baseUrl'>;

/** What the tables say of a model, and how sure that is. */
interface Found {
  family: Family;
  /** `kin`: it is named like a model of the family, and the same is expected of it. */
  how: 'named' | 'kin';
}

/** Words that every server with a choice of efforts understands. */
const COMMON_EFFORTS = { low: 'low', medium: 'medium', high: 'high' };

/**
 * What is known of a provider's model: the owner's word, then the endpoint's own, then the tables and the price list, then safe
 * assumptions, which are named. Pure.
 */
export const factsOf: FactsOf = (provider) => {
  const found = lookUp(provider);
  const efforts = effortsOf(provider, found);
  const sizes = sizesOf(provider, found);
  const unsure: Record<string, boolean> = {
    api: !speaksAnthropic(provider) && provider.api === undefined && isApiGuessed(provider, found),
    ...sizes.unsure,
    efforts: found?.how !== 'named',
    thinking: found?.how !== 'named',
    caching: !speaksAnthropic(provider) && found?.how !== 'named',
  };
  return {
    api: apiOf(provider, found),
    contextTokens: sizes.contextTokens,
    maxOutputTokens: sizes.maxOutputTokens,
    efforts,
    thinking: thinkingOf(provider, found),
    caching: speaksAnthropic(provider) ? 'marked' : cachingOf(found),
    assumed: Object.keys(unsure).filter((name) => unsure[name] === true),
  };
};

/** Why the factory's work cannot be done with the model, as far as the tables know; `undefined`: it can. */
export function unfitReason(provider: Asked): string | undefined {
  const found = lookUp(provider);
  if (found?.how === 'named') return found.family.unfit;
  if (isNotText(provider.model)) return 'it is not a text model';
  return found?.family.unfit;
}

/** Does its name say that it is for sound, pictures or vectors? */
export function isNotText(model: string): boolean {
  return familyOf(FAMILIES, model) === undefined && OPENAI_NOT_TEXT.test(withoutPrefix(model));
}

/** Is it in the tables by its own name, with or without a date? */
export const isNamed = (provider: Asked): boolean => lookUp(provider)?.how === 'named';

/** The names of a vendor's models in the tables, as they are given. */
export function knownNames(name: ProviderConfig['name']): string[] {
  if (vendorRecord(name).url === null) return [];
  return VENDOR_TABLES[name].families.flatMap(({ names }) => names);
}

const FAMILIES = Object.values(VENDOR_TABLES).flatMap(({ families }) => families);
const speaksAnthropic = ({ name }: Pick<Asked, 'name'>): boolean => vendorRecord(name).speaks === 'anthropic';

function lookUp({ name, model }: Asked): Found | undefined {
  const families = speaksAnthropic({ name }) ? VENDOR_TABLES[name].families : FAMILIES;
  const named = familyOf(families, model);
  if (named !== undefined) return { family: named, how: 'named' };
  const kin = isNotText(model) ? undefined : kinOf(families, model);
  return kin === undefined ? undefined : { family: kin, how: 'kin' };
}

function apiOf(provider: ProviderConfig, found: Found | undefined): ModelFacts['api'] {
  if (speaksAnthropic(provider)) return 'messages';
  if (provider.api !== undefined) return provider.api;
  if (!isOpenai(provider)) return 'chat';
  const api = found?.family.apis[0];
  return api === undefined || api === 'messages' ? 'chat' : api;
}

/** OpenAI's own models are answered as the table says; elsewhere chat completions are a guess, though a good one. */
function isApiGuessed(provider: Asked, found: Found | undefined): boolean {
  return isOpenai(provider) ? found?.how !== 'named' : true;
}

/** The APIs that the table knows of a model at its own vendor. Empty: nothing is known. */
export function apisOf(provider: Asked): readonly ProviderApi[] {
  const found = lookUp(provider);
  if (found?.how !== 'named' || !isOpenai(provider)) return [];
  return found.family.apis.filter((api) => api !== 'messages');
}

function effortsOf({ effort }: ProviderConfig, found: Found | undefined): ModelFacts['efforts'] {
  if (found?.how === 'named') return found.family.efforts;
  // Of a model that is not in the tables its owner may know more.
  return effort === undefined
    ? (found?.family.efforts ?? {})
    : { [effort]: effort, ...(found?.family.efforts ?? COMMON_EFFORTS) };
}

function thinkingOf({ name }: Asked, found: Found | undefined): ModelFacts['thinking'] {
  if (found === undefined) return 'none';
  const { thinking } = found.family;
  // Only Anthropic's own API can be asked to think, or be told within how much.
  return !speaksAnthropic({ name }) && (thinking === 'adaptive' || thinking === 'budget') ? 'none' : thinking;
}

function cachingOf(found: Found | undefined): ModelFacts['caching'] {
  const caching = found?.family.caching ?? 'automatic';
  return caching === 'marked' ? 'automatic' : caching;
}

function sizesOf(provider: ProviderConfig, found: Found | undefined) {
  const { reported, name } = provider;
  const listed = contextWindow(provider);
  const contextTokens =
    provider.contextTokens ?? reported?.contextTokens ?? found?.family.contextTokens ?? listed;
  const most = provider.maxOutputTokens ?? reported?.maxOutputTokens ?? found?.family.maxOutputTokens ?? null;
  // A server of one's own may be set up with less than the model has.
  const tableIsSure = found?.how === 'named' && vendorRecord(name).url !== null;
  const window =
    provider.contextTokens ?? reported?.contextTokens ?? listed ?? (tableIsSure ? contextTokens : null);
  const output = provider.maxOutputTokens ?? reported?.maxOutputTokens ?? (tableIsSure ? most : null);
  return {
    contextTokens,
    maxOutputTokens: most === null || contextTokens === null ? most : Math.min(most, contextTokens),
    unsure: {
      contextTokens: contextTokens !== null && window === null,
      maxOutputTokens: most !== null && output === null,
    },
  };
}

/** The words of the factory's scale that a model knows, in order. */
export const EFFORT_ORDER: readonly Effort[] = ['minimal', 'low', 'medium', 'high', 'max'];
