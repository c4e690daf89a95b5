import { createHash } from 'node:crypto';
import type { Prices, Usage } from '../../factory/finance/finance.ts';
import type { WireFormat } from './script.ts';

/** A piece of a prompt that the vendors' caches see as one: a tool, a system block, a content block. */
export interface PromptBlock {
  text: string;
  /** The client asked for the prompt to be cached up to and including this block. */
  breakpoint: boolean;
}

/** Prompts shorter than this are not cached by the vendors. */
const SMALLEST_CACHED = 1_024;
/** OpenAI's cache grows in steps of this many tokens. */
const OPENAI_STEP = 128;
/** So many blocks before a breakpoint are searched by Anthropic for an earlier entry. */
const ANTHROPIC_LOOKBACK = 20;

const tokensOf = (text: string) => Math.ceil(text.length / 4);

/** Counts prompt tokens as the vendors do, with their prompt caches: what was sent before is read, not paid again. */
export function createPromptCache() {
  const known = new Map<string, Set<string>>();

  return {
    /** @returns tokens of a prompt in three buckets, and remembers it for the next request of the same account and model */
    count(
      account: string,
      format: WireFormat,
      blocks: readonly PromptBlock[],
    ): Pick<Usage, 'input' | 'cacheRead' | 'cacheWrite'> {
      const entries = known.get(account) ?? new Set<string>();
      known.set(account, entries);
      const prefixes = hashPrefixes(blocks);
      return format === 'anthropic' ? countAnthropic(prefixes, entries) : countOpenai(prefixes, entries);
    },
  };
}

interface Prefix {
  hash: string;
  /** Tokens up to and including the block. */
  tokens: number;
  breakpoint: boolean;
}

function hashPrefixes(blocks: readonly PromptBlock[]): Prefix[] {
  let hash = '';
  let tokens = 0;
  return blocks.map((block) => {
    hash = createHash('sha1').update(hash).update('\0').update(block.text).digest('base64');
    tokens += tokensOf(block.text);
    return { hash, tokens, breakpoint: block.breakpoint };
  });
}

function countOpenai(prefixes: readonly Prefix[], entries: Set<string>) {
  const hit = prefixes.findLast((prefix) => entries.has(prefix.hash))?.tokens ?? 0;
  for (const prefix of prefixes) entries.add(prefix.hash);
  const total = prefixes.at(-1)?.tokens ?? 0;
  const cacheRead = hit >= SMALLEST_CACHED ? Math.floor(hit / OPENAI_STEP) * OPENAI_STEP : 0;
  return { input: total - cacheRead, cacheRead, cacheWrite: 0 };
}

function countAnthropic(prefixes: readonly Prefix[], entries: Set<string>) {
  const total = prefixes.at(-1)?.tokens ?? 0;
  const points = prefixes
    .map((prefix, index) => ({ ...prefix, index }))
    .filter((prefix) => prefix.breakpoint && prefix.tokens >= SMALLEST_CACHED);
  const last = points.at(-1);
  if (!last) return { input: total, cacheRead: 0, cacheWrite: 0 };
  let cacheRead = 0;
  for (const point of points) {
    const from = Math.max(0, point.index - ANTHROPIC_LOOKBACK);
    for (const prefix of prefixes.slice(from, point.index + 1)) {
      if (entries.has(prefix.hash)) cacheRead = Math.max(cacheRead, prefix.tokens);
    }
  }
  for (const point of points) entries.add(point.hash);
  return { input: total - last.tokens, cacheRead, cacheWrite: last.tokens - cacheRead };
}

/** Output tokens of an answer, at least one. */
export function countOutput(parts: readonly string[]): number {
  return Math.max(1, tokensOf(parts.join('')));
}

/** USD at prices per million tokens. */
export function usdFor(prices: Prices, usage: Usage): number {
  const perMillion =
    usage.input * prices.input +
    usage.cacheRead * (prices.cacheRead ?? prices.input) +
    usage.cacheWrite * (prices.cacheWrite ?? prices.input) +
    usage.output * prices.output;
  return perMillion / 1_000_000;
}
