import type { ProviderConfig } from '../../factory/model/money/finance.ts';
import { vendorRecord } from '../../factory/model/money/vendors.ts';
import type { ModelFacts } from '../../factory/ports.ts';
import { type DarkFactoryError, usageError } from '../../lib/failure.ts';
import { distance, nearest } from '../../lib/text/nearest.ts';
import { pricedNames, priceOf } from '../prices.ts';
import { HOMES } from './compatible.ts';
import { apisOf, EFFORT_ORDER, factsOf, isNamed, isNotText, knownNames, unfitReason } from './facts.ts';

/** A name that differs in so few characters from a known one is taken for a slip of the pen. */
const SLIP = 2;

/**
 * Refuses a provider whose model cannot be meant or cannot do what is asked of it, as far as that is known. What its owner gave
 * prices for may be private: its name is taken as it is.
 *
 * Throws `usage`: `model_elsewhere`, `model_not_text`, `model_unknown`, `api_unknown`, `effort_unknown`, `output_too_long`.
 */
export function judgeModel(provider: ProviderConfig): void {
  judgeName(provider);
  judgeWays(provider);
}

/** The same for how it is to be asked alone: the model itself is taken as it is. */
export function judgeWays(provider: ProviderConfig): void {
  judgeApi(provider);
  const { effort, maxOutputTokens: asked, model } = provider;
  const facts = factsOf(provider);
  if (effort !== undefined && facts.efforts[effort] === undefined) {
    const known = effortsText(facts);
    throw usageError(
      'effort_unknown',
      `The model "${model}" has no effort "${effort}"`,
      known === '' ? 'It has none to choose: leave --effort out.' : `It has ${known}.`,
    );
  }
  const { maxOutputTokens: most, assumed } = factsOf({ ...provider, maxOutputTokens: undefined });
  if (asked === undefined || most === null || asked <= most || assumed.includes('maxOutputTokens')) return;
  throw usageError(
    'output_too_long',
    `--max-output ${asked} is above what the model "${model}" can write`,
    `Give at most ${most}, or leave it out.`,
  );
}

/** The efforts of a model, in order, as a person gives them. */
function effortsText({ efforts }: ModelFacts): string {
  return EFFORT_ORDER.filter((each) => efforts[each] !== undefined).join(', ');
}

/** What its owner should know of a model that is taken all the same; empty: nothing. */
export function doubts(provider: ProviderConfig): string[] {
  const unfit = unfitReason(provider);
  const found: string[] = [];
  if (unfit !== undefined) found.push(`The factory can hardly work with ${provider.model}: ${unfit}.`);
  if (vendorRecord(provider.name).url === null || isKnown(provider)) return found;
  const [near] = nearNames(provider);
  if (near !== undefined && distance(provider.model.toLowerCase(), near.toLowerCase()) <= SLIP) {
    found.push(`No model "${provider.model}" is known; if ${near} is meant, remove this one and add that.`);
  }
  return found;
}

/** The refusal of a model without a price, with the nearest known names. */
function priceUnknown(provider: ProviderConfig): DarkFactoryError {
  return usageError(
    'provider_price_unknown',
    `No price is known for the model "${provider.model}" at ${provider.name}`,
    `${isNamed(provider) ? '' : didYouMean(provider)}${HOW_TO_PRICE}`,
  );
}

const HOW_TO_PRICE =
  'Give --price-in and --price-out in USD per million tokens, or --free when it costs nothing; a newer list of prices may know it: df prices update.';

function judgeName(provider: ProviderConfig): void {
  const { name, model, baseUrl } = provider;
  const priced = isPriced(provider);
  const { url, title: own } = vendorRecord(name);
  if (url === null) {
    if (!priced) throw priceUnknown(provider);
    return;
  }
  const home = HOMES.find(({ prefixes }) => prefixes.some((each) => model.toLowerCase().startsWith(each)));
  if (home !== undefined && home.vendor !== own && (baseUrl === undefined || !priced)) {
    throw usageError(
      'model_elsewhere',
      `The model "${model}" is ${home.vendor}'s, not ${own}'s`,
      `Use ${home.options}, or give --base-url and prices if a gateway of yours serves it.`,
    );
  }
  if (isNotText(model)) {
    throw usageError(
      'model_not_text',
      `The model "${model}" is not a text model`,
      'The factory needs one that writes text and calls tools.',
    );
  }
  if (provider.prices !== undefined || provider.free) return;
  if (isKnown(provider)) {
    if (!priced) throw priceUnknown(provider);
    return;
  }
  const [near] = nearNames(provider);
  const slip = near !== undefined && distance(model.toLowerCase(), near.toLowerCase()) <= SLIP;
  if (priced && !slip) return;
  throw usageError(
    'model_unknown',
    `No model "${model}" is known at ${own}`,
    `${didYouMean(provider)}For a private or newer one: ${lowerFirst(HOW_TO_PRICE)}`,
  );
}

function judgeApi(provider: ProviderConfig): void {
  const { name, api, model, baseUrl, adapter } = provider;
  if (api === undefined) return;
  if (vendorRecord(name).speaks === 'anthropic') {
    throw usageError(
      'api_unknown',
      `--api does not go with --name ${name}`,
      'It has one API: leave --api out.',
    );
  }
  if (adapter !== undefined) {
    throw usageError(
      'api_unknown',
      '--api does not go with --adapter',
      'The adapter file knows it: leave it out.',
    );
  }
  const apis = apisOf(provider);
  // A gateway may translate from one to the other.
  if (baseUrl !== undefined || apis.length === 0 || apis.includes(api)) return;
  throw usageError(
    'api_unknown',
    `The model "${model}" is not answered through ${api}`,
    `Use --api ${apis.join(' or ')}, or leave it out.`,
  );
}

/** By its own name in the tables or in the list of prices, or a model that was fine-tuned from another. */
function isKnown(provider: ProviderConfig): boolean {
  const model = provider.model.toLowerCase();
  if (isNamed(provider) || model.startsWith('ft:')) return true;
  return pricedNames(provider).some((each) => each.toLowerCase() === model);
}

function nearNames(provider: ProviderConfig): string[] {
  const known = [...knownNames(provider.name), ...pricedNames(provider)];
  return nearest(
    provider.model,
    known.filter((each) => !isNotText(each)),
  );
}

function didYouMean(provider: ProviderConfig): string {
  const near = nearNames(provider);
  return near.length === 0 ? '' : `Nearest known: ${near.join(', ')}. `;
}

function isPriced(provider: ProviderConfig): boolean {
  return priceOf(provider, { input: 1_000, cacheWrite: 0, cacheRead: 0, output: 1_000 }) !== null;
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
