import { createHash } from 'node:crypto';
import type { Prices, Usage } from '../../../src/factory/model/money/finance.ts';
import type { WireFormat } from './record.ts';

/** A piece of a prompt that the vendors' caches see as one: a tool, a system block, a content block. */
export interface PromptBlock {
  text: string;
  /** The client asked for the prompt to be cached up to and including this block. */
  breakpoint: boolean;
  /** To be kept for an hour. */
  long?: boolean;
}

/** How long Anthropic keeps what was written or read, in milliseconds. */
const SHORT_MS = 5 * 60_000;
const LONG_MS = 60 * 60_000;
/** Prompts shorter than this are not cached by the vendors. */
const SMALLEST_CACHED = 1_024;
/** OpenAI's cache grows in steps of this many tokens. */
const OPENAI_STEP = 128;
/** So many blocks before a breakpoint are searched by Anthropic for an earlier entry. */
const ANTHROPIC_LOOKBACK = 20;

const tokensOf = (text: string) => Math.ceil(text.length / 4);

/** Counts prompt tokens as the vendors do, with their prompt caches: what was sent before is read, not paid again. */
export function createPromptCache() {
  /** When each entry expires. */
  const known = new Map<string, Map<string, Entry>>();

  return {
    /** @returns tokens of a prompt in three buckets, and remembers it for the next request of the same account and model */
    count(
      account: string,
      format: WireFormat,
      blocks: readonly PromptBlock[],
      now: number,
    ): Omit<Usage, 'output'> {
      const entries = known.get(account) ?? new Map<string, Entry>();
      known.set(account, entries);
      const prefixes = hashPrefixes(blocks);
      return format === 'anthropic' ? countAnthropic(prefixes, entries, now) : countOpenai(prefixes, entries);
    },
  };
}

interface Entry {
  until: number;
  /** Milliseconds that each use adds. */
  keptMs: number;
}

interface Prefix {
  hash: string;
  /** Tokens up to and including the block. */
  tokens: number;
  breakpoint: boolean;
  long: boolean;
}

function hashPrefixes(blocks: readonly PromptBlock[]): Prefix[] {
  let hash = '';
  let tokens = 0;
  return blocks.map((block) => {
    hash = createHash('sha1').update(hash).update('\0').update(block.text).digest('base64');
    tokens += tokensOf(block.text);
    return { hash, tokens, breakpoint: block.breakpoint, long: block.long === true };
  });
}

function countOpenai(prefixes: readonly Prefix[], entries: Map<string, Entry>) {
  const hit = prefixes.findLast((prefix) => entries.has(prefix.hash))?.tokens ?? 0;
  for (const prefix of prefixes) entries.set(prefix.hash, { until: Number.POSITIVE_INFINITY, keptMs: 0 });
  const total = prefixes.at(-1)?.tokens ?? 0;
  const cacheRead = hit >= SMALLEST_CACHED ? Math.floor(hit / OPENAI_STEP) * OPENAI_STEP : 0;
  return { input: total - cacheRead, cacheRead, cacheWrite: 0 };
}

function countAnthropic(prefixes: readonly Prefix[], entries: Map<string, Entry>, now: number) {
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
      const entry = entries.get(prefix.hash);
      if (entry === undefined || entry.until <= now) continue;
      cacheRead = Math.max(cacheRead, prefix.tokens);
      entry.until = Math.max(entry.until, now + entry.keptMs);
    }
  }
  for (const { hash, long } of points) {
    const known = entries.get(hash);
    const keptMs = long ? LONG_MS : SHORT_MS;
    if (known === undefined || known.until <= now || known.keptMs < keptMs) {
      entries.set(hash, { until: now + keptMs, keptMs });
    }
  }
  const written = last.tokens - cacheRead;
  const longest = points.findLast((point) => point.long)?.tokens ?? 0;
  const cacheWriteLong = Math.max(0, Math.min(written, longest - cacheRead));
  return {
    input: total - last.tokens,
    cacheRead,
    cacheWrite: written - cacheWriteLong,
    ...(cacheWriteLong > 0 ? { cacheWriteLong } : {}),
  };
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
    // Kept for an hour, a prompt costs twice its input.
    (usage.cacheWriteLong ?? 0) * Math.max(prices.input * 2, prices.cacheWrite ?? 0) +
    usage.output * prices.output;
  return perMillion / 1_000_000;
}
