import { readFileSync, statSync } from 'node:fs';
import { type Provider, REMOTE_DATA_JSON_URL, updatePrices } from '@pydantic/genai-prices';
import * as z from 'zod';
import { VENDORS } from '../factory/model/money/vendors.ts';
import { isRegularExpression } from '../factory/model/secrets/secret-patterns.ts';
import type { PriceOf } from '../factory/ports.ts';
import { DarkFactoryError, usageError } from '../lib/failure.ts';
import { parseJson } from '../lib/record.ts';
import type { Fetch } from './call.ts';
import { priceOf } from './prices.ts';

/** The list of prices that is installed with the factory: the edition of its package, and the day of it. */
export const INSTALLED_LIST = { version: '0.1.8', date: '2026-09-23' } as const;

/** Where its makers publish the newest edition. */
export const PRICE_LIST_URL = REMOTE_DATA_JSON_URL;

/** Milliseconds between two looks whether the owner has fetched a newer list. */
const LOOK_EVERY_MS = 5_000;
const PATIENCE_MS = 30_000;
const LARGEST_BYTES = 32 * 1024 * 1024;
/** A list without these, or with hardly a model of theirs, is none. */
const LEAST_VENDORS = Object.values(VENDORS).flatMap(({ priceList }) => priceList ?? []);
const LEAST_MODELS = 3;

const pattern = z.string().refine(isRegularExpression, 'not a regular expression');
type Match = Provider['models'][number]['match'];
const match: z.ZodType<Match> = z.lazy(() =>
  z.union([
    z.strictObject({ equals: z.string() }),
    z.strictObject({ starts_with: z.string() }),
    z.strictObject({ ends_with: z.string() }),
    z.strictObject({ contains: z.string() }),
    z.strictObject({ regex: pattern }),
    z.strictObject({ or: z.array(match) }),
    z.strictObject({ and: z.array(match) }),
  ]),
);
const amount = z.number().nonnegative();
const tiered = z.object({ base: amount, tiers: z.array(z.object({ start: amount, price: amount })) });
const price = z.record(z.string(), z.union([amount, tiered]));
const model = z.looseObject({
  id: z.string(),
  match,
  context_window: z.number().int().positive().optional(),
  prices: z.union([
    price,
    z.array(z.looseObject({ constraint: z.looseObject({}).optional(), prices: price })).min(1),
  ]),
});
const providers = z
  .array(
    z.looseObject({
      id: z.string(),
      name: z.string(),
      api_pattern: pattern,
      model_match: match.optional(),
      provider_match: match.optional(),
      models: z.array(model),
    }),
  )
  .refine(
    (list) =>
      LEAST_VENDORS.every((id) => list.some((each) => each.id === id && each.models.length >= LEAST_MODELS)),
    `holds no models of ${LEAST_VENDORS.join(' and ')}`,
  );

/** A list as it is kept in the home. */
const keptList = z.object({ fetchedAt: z.iso.datetime(), url: z.string(), providers });
export type KeptList = z.infer<typeof keptList>;

/** Which list holds, for people. */
export interface ListInfo {
  source: 'installed' | 'fetched';
  /** The day of the edition, or on which it was fetched. */
  date: string;
  url?: string;
}

export interface PriceList {
  priceOf: PriceOf;
  info(): ListInfo;
}

/**
 * The prices that hold: those of the list in the file, if there is a good one, else of the one that is installed. A list that is
 * fetched later is taken up by itself, in a program that runs too.
 */
export function openPriceList(file: string, elapsed: () => number = () => performance.now()): PriceList {
  let info: ListInfo = { source: 'installed', date: INSTALLED_LIST.date };
  let seen = '';
  let lookedAt = Number.NEGATIVE_INFINITY;
  updatePrices(({ onCalc, setProviderData }) => {
    const look = () => {
      if (elapsed() - lookedAt < LOOK_EVERY_MS) return;
      lookedAt = elapsed();
      const key = keyOf(file);
      if (key === seen) return;
      seen = key;
      const kept = readKept(file, setProviderData);
      if (kept === null) return;
      info = { source: 'fetched', date: kept.fetchedAt.slice(0, 10), url: kept.url };
    };
    onCalc(look);
    look();
  });
  return { priceOf, info: () => info };
}

/** Changes when the file is replaced. Empty: it is not there, or not to be had. */
function keyOf(file: string): string {
  try {
    const found = statSync(file, { throwIfNoEntry: false });
    return found === undefined ? '' : `${found.ino} ${found.mtimeMs} ${found.size}`;
  } catch {
    return '';
  }
}

/** A damaged file is no reason to stop: the list that is installed holds. */
function readKept(file: string, take: (list: Provider[]) => void): KeptList | null {
  try {
    // One would wait for whoever writes into a pipe.
    if (!statSync(file).isFile()) return null;
    const kept = keptList.parse(JSON.parse(readFileSync(file, 'utf8')));
    take(kept.providers as Provider[]);
    return kept;
  } catch {
    return null;
  }
}

/**
 * Fetches the newest edition of the list.
 *
 * Throws `usage`/`prices_url_invalid`, `failed`/`prices_not_fetched`, `failed`/`prices_unusable`.
 */
export async function fetchPriceList(
  url: string,
  now: Date,
  fetch: Fetch = globalThis.fetch,
): Promise<KeptList> {
  requireSafe(url);
  let text: string;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS), redirect: 'error' });
    if (!response.ok) throw new Error(`it answers ${response.status}`);
    text = await textOf(response);
  } catch (error) {
    const why = error instanceof Error ? (error.cause instanceof Error ? error.cause : error).message : '';
    throw failed('prices_not_fetched', `The list of prices at ${url} cannot be fetched: ${why}`);
  }
  const parsed = providers.safeParse(parseJson(text));
  if (parsed.success) return { fetchedAt: now.toISOString(), url, providers: parsed.data };
  const [issue] = parsed.error.issues;
  const where = issue?.path.join('.') ?? '';
  throw failed('prices_unusable', `What ${url} gives is no list of prices: ${where} ${issue?.message}`);
}

/** Prices decide about money: nobody on the way may change them. */
function requireSafe(url: string): void {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const here = parsed !== null && /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(parsed.hostname);
  if (parsed?.protocol === 'https:' || (parsed?.protocol === 'http:' && here)) return;
  throw usageError(
    'prices_url_invalid',
    `The address "${url}" is no https address`,
    'Leave --url out for the published list.',
  );
}

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > LARGEST_BYTES) throw new Error('it is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const failed = (code: string, message: string) =>
  new DarkFactoryError('failed', code, message, 'The list that was there holds on. Try again later.');
