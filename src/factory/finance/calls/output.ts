import type { ProviderConfig } from '../../model/money/finance.ts';
import type { ModelFacts, PaidRequest } from '../../ports.ts';

/** Tokens of a reply where its model has room for them. */
const USUAL_OUTPUT = 32_000;
/** The same for a model that thinks: its thoughts count as output. */
const THINKING_OUTPUT = 64_000;
/** Where nobody knows how much the model writes: with a window that is small or not known, and with a large one. */
export const UNKNOWN_OUTPUT = 8_192;
const UNKNOWN_OUTPUT_IN_LARGE = 16_384;
const LARGE_WINDOW = 100_000;
/** What a model may think on top of an answer of known length. */
const THOUGHTS = 24_000;
/** A reply leaves at least the half of the window to what is read. */
const SHARE_OF_WINDOW = 0.5;
/** A reply takes no more than this share of what a minute allows, or calls would wait for each other. */
const SHARE_OF_MINUTE = 0.25;
/** A reply that was cut is asked for again with up to so many times the room, if it is at least so many times as much. */
const MORE = 4;
const WORTH_IT = 1.5;

/** What the owner says of replies. */
export interface OutputCaps {
  most: number | undefined;
  tokensPerMinute: number | undefined;
}

type Sizes = Pick<ModelFacts, 'contextTokens' | 'maxOutputTokens' | 'thinking'>;

/** `--max-output` of the provider and `agent.maxOutputTokens` of config.yaml: what both allow. */
export function capsOf(
  { maxOutputTokens: own, rateLimit }: Pick<ProviderConfig, 'maxOutputTokens' | 'rateLimit'>,
  all: number | undefined,
): OutputCaps {
  const most = own === undefined ? all : Math.min(own, all ?? own);
  return { most, tokensPerMinute: rateLimit.tokensPerMinute };
}

/** The most output tokens that a request to a model asks for. Pure. */
export function outputFor(
  facts: Sizes,
  {
    maxOutputTokens: answer,
    thoughtTokens = THOUGHTS,
  }: Pick<PaidRequest, 'maxOutputTokens' | 'thoughtTokens'>,
  caps: OutputCaps,
): number {
  const thoughts = facts.thinking === 'none' ? 0 : Math.min(thoughtTokens, ofMinute(caps));
  const wanted = answer === undefined ? (caps.most ?? usualOutput(facts, caps)) : answer + thoughts;
  return Math.max(1, Math.min(wanted, facts.maxOutputTokens ?? wanted, caps.most ?? wanted));
}

/** The output of a turn, of which nobody knows how long it gets. */
function usualOutput({ contextTokens, maxOutputTokens, thinking }: Sizes, caps: OutputCaps): number {
  const unknown = (contextTokens ?? 0) >= LARGE_WINDOW ? UNKNOWN_OUTPUT_IN_LARGE : UNKNOWN_OUTPUT;
  const usual = thinking === 'none' ? USUAL_OUTPUT : THINKING_OUTPUT;
  const window = Math.floor((contextTokens ?? Number.POSITIVE_INFINITY) * SHARE_OF_WINDOW);
  return Math.min(maxOutputTokens === null ? unknown : usual, ofMinute(caps), window);
}

function ofMinute({ tokensPerMinute }: OutputCaps): number {
  if (tokensPerMinute === undefined) return Number.POSITIVE_INFINITY;
  return Math.max(UNKNOWN_OUTPUT, Math.floor(tokensPerMinute * SHARE_OF_MINUTE));
}

/**
 * How much a reply that was cut at `sent` tokens may have when it is asked for again.
 *
 * @returns `undefined` when neither the model nor its owner has more room to give
 */
export function moreOutput(
  { maxOutputTokens }: Sizes,
  sent: number,
  left: { window: number; most: number | undefined },
): number | undefined {
  const more = Math.min(
    sent * MORE,
    maxOutputTokens ?? Number.POSITIVE_INFINITY,
    left.window,
    left.most ?? Number.POSITIVE_INFINITY,
  );
  return more >= sent * WORTH_IT ? Math.floor(more) : undefined;
}
