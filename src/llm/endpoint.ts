import type { ProviderConfig } from '../factory/finance/finance.ts';
import type { IdRule } from './wire/ids.ts';

export const OPENAI_URL = 'https://api.openai.com/v1';
export const ANTHROPIC_URL = 'https://api.anthropic.com';

/** Base URL for an OpenAI-compatible client. An address without a path gets `/v1`, as Ollama, vLLM and others want it. */
export function openaiBaseUrl(provider: Pick<ProviderConfig, 'baseUrl'>): string {
  if (!provider.baseUrl) return OPENAI_URL;
  const url = new URL(provider.baseUrl);
  if (url.pathname === '/' || url.pathname === '') url.pathname = '/v1';
  return url.toString().replace(/\/+$/, '');
}

/** Base URL for an Anthropic client, which adds `/v1/messages` itself. */
export function anthropicBaseUrl(provider: Pick<ProviderConfig, 'baseUrl'>): string {
  return (provider.baseUrl ?? ANTHROPIC_URL).replace(/\/+$/, '').replace(/\/v1$/, '');
}

/** Whose thinking it is: a vendor, or one compatible endpoint. */
export function thinkingVendor(provider: Pick<ProviderConfig, 'name' | 'baseUrl'>): string {
  if (provider.name !== 'custom' || !provider.baseUrl) return provider.name;
  return `custom:${new URL(provider.baseUrl).host}`;
}

/** OpenAI's own models take the newer name of the output limit, most compatible servers know only the older one. */
export function limitName(
  provider: Pick<ProviderConfig, 'name' | 'baseUrl'>,
): 'max_tokens' | 'max_completion_tokens' {
  if (provider.name === 'openai') return 'max_completion_tokens';
  const host = provider.baseUrl ? new URL(provider.baseUrl).hostname : '';
  return /(^|\.)openai\.(com|azure\.com)$/.test(host) ? 'max_completion_tokens' : 'max_tokens';
}

/** Mistral's own endpoint takes only ids of nine letters or digits. */
export function idRule(provider: Pick<ProviderConfig, 'baseUrl'>): IdRule {
  return provider.baseUrl && /(^|\.)mistral\.ai$/.test(new URL(provider.baseUrl).hostname)
    ? 'nine'
    : 'common';
}

/** A key goes into an HTTP header: visible ASCII only, else the client would throw with the key in its message. */
export const isSendableKey = (key: string): boolean => /^[\x21-\x7e]*$/.test(key);
