import * as z from 'zod';
import type { ProviderConfig } from '../../factory/model/money/finance.ts';
import { vendorRecord } from '../../factory/model/money/vendors.ts';
import type { Fetch } from '../call.ts';
import { anthropicBaseUrl, isSendableKey, openaiBaseUrl } from '../endpoint.ts';

/** Nobody waits longer for what is only good to know. Milliseconds. */
const PATIENCE_MS = 3_000;
/** The longest lists there are have a few million bytes. */
const LARGEST_BYTES = 16 * 1024 * 1024;

const count = z.number().int().positive().nullish().catch(undefined);

/** As OpenRouter (`context_length`, `top_provider`), vLLM (`max_model_len`), LiteLLM and others name it. */
const listedModel = z.object({
  id: z.string(),
  context_length: count,
  max_model_len: count,
  context_window: count,
  max_context_length: count,
  max_input_tokens: count,
  max_completion_tokens: count,
  max_output_tokens: count,
  top_provider: z.object({ context_length: count, max_completion_tokens: count }).nullish().catch(undefined),
});
const listing = z.object({ data: z.array(z.unknown()) });

export interface Listed {
  /** Missing: the endpoint does not list the model, or says nothing of its sizes. */
  reported?: NonNullable<ProviderConfig['reported']>;
  /** All that it lists. */
  names: string[];
}

/**
 * What the endpoint's own list of models says: a question that costs nothing. Never throws for what the endpoint does.
 *
 * @returns `null` when it has no such list, or does not answer soon
 */
export async function askListed(
  provider: Pick<ProviderConfig, 'baseUrl' | 'model'>,
  apiKey: string,
  now: Date,
  fetch: Fetch = globalThis.fetch,
  patienceMs = PATIENCE_MS,
): Promise<Listed | null> {
  if (!isSendableKey(apiKey)) return null;
  try {
    const response = await fetch(`${openaiBaseUrl(provider)}/models`, {
      headers: {
        accept: 'application/json',
        ...(apiKey === '' ? {} : { authorization: `Bearer ${apiKey}` }),
      },
      signal: AbortSignal.timeout(patienceMs),
      redirect: 'error',
    });
    const text = response.ok ? await shortText(response) : undefined;
    return text === undefined ? null : readListed(provider.model, JSON.parse(text), now);
  } catch {
    return null;
  }
}

/** What a vendor says to a key when it is asked for its models, which costs nothing. */
export interface KeyAnswer {
  /** `null`: it did not answer, or not to this question. */
  taken: boolean | null;
  /** Its models; empty where it does not list them. */
  names: string[];
}

/** Tries a key before it is used. Never throws for what the vendor does. */
export async function askWithKey(
  provider: Pick<ProviderConfig, 'name' | 'baseUrl'>,
  apiKey: string,
  fetch: Fetch = globalThis.fetch,
  patienceMs = PATIENCE_MS,
): Promise<KeyAnswer> {
  const isAnthropic = vendorRecord(provider.name).speaks === 'anthropic';
  const [url, headers] = isAnthropic
    ? [
        `${anthropicBaseUrl(provider)}/v1/models?limit=1000`,
        { 'x-api-key': apiKey, 'anthropic-version': '2023-06-01' },
      ]
    : [`${openaiBaseUrl(provider)}/models`, apiKey === '' ? {} : { authorization: `Bearer ${apiKey}` }];
  try {
    const signal = AbortSignal.timeout(patienceMs);
    const response = await fetch(url, {
      headers: { accept: 'application/json', ...headers },
      signal,
      redirect: 'error',
    });
    if (!response.ok) return { taken: [401, 403].includes(response.status) ? false : null, names: [] };
    const text = await shortText(response);
    return { taken: true, names: (text && readListed('', JSON.parse(text), new Date(0))?.names) || [] };
  } catch {
    return { taken: null, names: [] };
  }
}

/** Pure. */
export function readListed(model: string, document: unknown, at: Date): Listed | null {
  const parsed = listing.safeParse(document);
  if (!parsed.success) return null;
  const models = parsed.data.data.flatMap((each) => listedModel.safeParse(each).data ?? []);
  const found = models.find(({ id }) => id === model);
  const names = models.map(({ id }) => id);
  const { top_provider: top } = found ?? {};
  const contextTokens =
    top?.context_length ??
    found?.max_model_len ??
    found?.context_length ??
    found?.context_window ??
    found?.max_context_length ??
    found?.max_input_tokens ??
    undefined;
  const maxOutputTokens =
    top?.max_completion_tokens ?? found?.max_completion_tokens ?? found?.max_output_tokens ?? undefined;
  if (contextTokens === undefined && maxOutputTokens === undefined) return { names };
  const sizes = {
    ...(contextTokens === undefined ? {} : { contextTokens }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
  };
  return { names, reported: { at, ...sizes } };
}

async function shortText(response: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > LARGEST_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
