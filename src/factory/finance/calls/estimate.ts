import { type ProviderConfig, tokensOf, type Usage } from '../../model/money/finance.ts';
import type { ModelRequest, PriceOf } from '../../ports.ts';

/** Tokens of a text, roughly. */
export type EstimateTokens = (text: string) => number;

/**
 * A quarter of the bytes: within 2 % of the vendors' counts for English and code, and for other scripts nearer to them
 * than a quarter of the characters would be.
 */
export const quarterOfBytes: EstimateTokens = (text) => Math.ceil(Buffer.byteLength(text) / 4);

/** Below this many tokens of output an account counts as empty: a shorter reply is of no use. */
export const LEAST_OUTPUT = 256;
/** No call of an agent is smaller: its instructions and tools alone are more input. */
export const LEAST_CALL: Usage = { input: 2_000, cacheWrite: 0, cacheRead: 0, output: LEAST_OUTPUT };
/** What an estimate may be short of, as a factor. An actual count above it is the bound of an overshoot. */
const MARGIN = 1.15;
/** What vendors add per message and per tool. */
const TOKENS_PER_PART = 8;

/** Tokens of the whole input, on the high side. */
export function estimateInput(
  request: Pick<ModelRequest, 'system' | 'messages' | 'tools'>,
  estimate: EstimateTokens,
): number {
  let tokens = estimate(request.system) + TOKENS_PER_PART;
  for (const tool of request.tools) {
    tokens += estimate(tool.name + tool.description + JSON.stringify(tool.parameters)) + TOKENS_PER_PART;
  }
  for (const message of request.messages) {
    tokens += TOKENS_PER_PART;
    if (message.role === 'user') tokens += estimate(message.text);
    else if (message.role === 'tool') tokens += estimate(message.output);
    else for (const part of message.parts) tokens += TOKENS_PER_PART + estimate(textOf(part));
  }
  return Math.ceil(tokens * MARGIN);
}

interface AnyPart {
  type: string;
  text?: string;
  name?: string;
  arguments?: string;
  data?: unknown;
  opaque?: unknown;
}

function textOf(part: AnyPart) {
  if (part.type === 'text') return part.text ?? '';
  if (part.type === 'tool_call') {
    const beside = part.opaque === undefined ? '' : JSON.stringify(part.opaque);
    return `${part.name ?? ''}${part.arguments ?? ''}${beside}`;
  }
  return JSON.stringify(part.data ?? '');
}

/** Tokens that a gateway may say to the model, or a model think beyond its limit, without a word to anybody. */
const UNSEEN = 100_000;
/** An estimate of the input is a quarter of its bytes and a margin, and no text has more tokens than bytes. */
const MOST_TIMES = 4;

/**
 * An answer with a count that can be true of its request. Whoever counts more has slipped, and one slip is not to use up a budget: in
 * its place stand the estimate of the input, which is on the high side, and the most output that was allowed.
 *
 * @param limit tokens of output that were asked for at the most
 */
export function believed<Answer extends { usage?: Usage }>(
  answer: Answer,
  inputTokens: number,
  limit: number,
): Answer {
  const { usage } = answer;
  if (usage === undefined) return answer;
  const isInput = tokensOf(usage) - usage.output <= MOST_TIMES * inputTokens + UNSEEN;
  const isOutput = usage.output <= MOST_TIMES * limit + UNSEEN;
  const input = isInput ? usage : { input: inputTokens, cacheWrite: 0, cacheRead: 0 };
  return { ...answer, usage: { ...input, output: isOutput ? usage.output : limit } };
}

/** USD. No model costs as much a token. */
const MOST_A_TOKEN = 0.001;

/** What is booked of a call, in USD: by the list, or what was charged where that is more, and can be true. */
export function withCharge(listed: number, charged: number | undefined, usage: Usage): number {
  const believable = charged !== undefined && charged <= tokensOf(usage) * MOST_A_TOKEN;
  return believable ? Math.max(listed, charged) : listed;
}

/** What a call may cost at the most, and at the least that is still worth making it. */
export interface Quote {
  usd: number;
  minimumUsd: number;
  maxOutputTokens: number;
  /** Input and output together, for the rates. */
  tokens: number;
}

export type Unquotable = { problem: 'price' } | { problem: 'context'; detail: string };

/**
 * The worst case of a call: all of the input at the dearest of its prices (fresh, cache write, cache read), and the whole
 * output.
 *
 * @param inputTokens as `estimateInput` gives it
 * @returns a problem when no price is known or the input leaves no room for an output in the context window
 */
export function quote(
  provider: ProviderConfig,
  inputTokens: number,
  wantedOutput: number,
  priceOf: PriceOf,
): Quote | Unquotable {
  const window = (provider.contextTokens ?? Number.POSITIVE_INFINITY) - inputTokens;
  const maxOutputTokens = Math.min(
    wantedOutput,
    provider.maxOutputTokens ?? wantedOutput,
    Math.floor(window),
  );
  const least = Math.min(wantedOutput, LEAST_OUTPUT);
  if (maxOutputTokens < Math.min(least, provider.maxOutputTokens ?? least)) {
    const detail = `about ${inputTokens} tokens of input do not fit into the ${provider.contextTokens} of ${provider.id}`;
    return { problem: 'context', detail };
  }
  const usd = worstCase(provider, inputTokens, maxOutputTokens, priceOf);
  const minimumUsd = worstCase(provider, inputTokens, Math.min(least, maxOutputTokens), priceOf);
  if (usd === null || minimumUsd === null) return { problem: 'price' };
  return { usd, minimumUsd, maxOutputTokens, tokens: inputTokens + maxOutputTokens };
}

function worstCase(provider: ProviderConfig, input: number, output: number, priceOf: PriceOf): number | null {
  const bucket = (used: Partial<Usage>) =>
    priceOf(provider, { input: 0, cacheWrite: 0, cacheRead: 0, output, ...used });
  const fresh = bucket({ input });
  const written = bucket({ cacheWrite: input });
  const read = bucket({ cacheRead: input });
  return fresh === null || written === null || read === null ? null : Math.max(fresh, written, read);
}

/**
 * The most output tokens that `grantedUsd` pays for, between the quote's least and its most.
 *
 * Prices may rise in steps with the size of a call, so the amount is searched, not divided out.
 */
export function affordableOutput(
  provider: ProviderConfig,
  inputTokens: number,
  quoted: Quote,
  grantedUsd: number,
  priceOf: PriceOf,
): number {
  // A reservation counts in billionths of a dollar; half of one is no reason to cut a reply.
  const granted = grantedUsd + 5e-10;
  let low = Math.min(LEAST_OUTPUT, quoted.maxOutputTokens);
  let high = quoted.maxOutputTokens;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const cost = worstCase(provider, inputTokens, middle, priceOf);
    if (cost !== null && cost <= granted) low = middle;
    else high = middle - 1;
  }
  return low;
}
