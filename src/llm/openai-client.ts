import OpenAI, { APIError } from 'openai';
import type { ProviderApi, ProviderConfig } from '../factory/model/money/finance.ts';
import { parseObject } from '../lib/record.ts';
import type { GuardedCall } from './call.ts';
import { isAzure, openaiBaseUrl, openaiQuery } from './endpoint.ts';

/** A client of the SDK for one call, under the call's limits, and without what the environment says to other programs. */
export function openaiClient(
  provider: ProviderConfig,
  apiKey: string,
  api: ProviderApi,
  call: GuardedCall,
  timeoutMs: number,
): OpenAI {
  return new OpenAI({
    // The SDK insists on a key; an endpoint without one gets no header at all.
    apiKey: apiKey || 'none',
    defaultHeaders: {
      // Said here as well: the SDK would take another one from the environment.
      authorization: apiKey === '' ? null : `Bearer ${apiKey}`,
      'api-key': apiKey !== '' && isAzure(provider) ? apiKey : null,
    },
    baseURL: openaiBaseUrl(provider, api),
    defaultQuery: openaiQuery(provider),
    organization: null,
    project: null,
    fetch: call.fetch,
    maxRetries: 0,
    logLevel: 'off',
    timeout: timeoutMs,
  });
}

/** The error object of an event inside a stream, as the SDK throws it. */
export const openaiStreamError = (problem: unknown): unknown =>
  problem instanceof APIError && problem.error ? { error: problem.error } : undefined;

/**
 * A whole reply of a server that does not stream although it was asked to, on either interface. An error with an empty list of
 * choices beside it is none.
 */
export function openaiWhole(body: string): unknown {
  const parsed = parseObject(body);
  const choices = parsed?.['choices'];
  if (Array.isArray(choices) && (choices.length > 0 || !parsed?.['error'])) return parsed;
  return Array.isArray(parsed?.['output']) ? parsed : undefined;
}
