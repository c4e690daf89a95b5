import type { ProviderApi, ProviderConfig } from '../factory/model/money/finance.ts';
import { VENDORS, vendorRecord } from '../factory/model/money/vendors.ts';
import type { IdRule } from './wire/ids.ts';

/** Base URL for an OpenAI-compatible client. An address without a path gets `/v1`, as Ollama, vLLM and others want it. */
export function openaiBaseUrl(provider: Pick<ProviderConfig, 'baseUrl'>, api: ProviderApi = 'chat'): string {
  if (!provider.baseUrl) return VENDORS.openai.url;
  const url = new URL(provider.baseUrl);
  if (url.pathname === '/' || url.pathname === '') url.pathname = '/v1';
  url.search = '';
  // Consoles show the whole address of one interface.
  const base = url
    .toString()
    .replace(/\/+$/, '')
    .replace(/\/(chat\/completions|responses)$/, '');
  // Azure's older addresses name the deployment, but not on this interface.
  return api === 'responses' && isAzure(provider) ? base.replace(/\/deployments\/[^/]+$/, '') : base;
}

/** What stands behind the `?` of a base URL, as Azure's `api-version`: it belongs behind every path. */
export function openaiQuery(provider: Pick<ProviderConfig, 'baseUrl'>): Record<string, string> {
  return provider.baseUrl ? Object.fromEntries(new URL(provider.baseUrl).searchParams) : {};
}

/** Base URL for an Anthropic client, which adds `/v1/messages` itself. */
export function anthropicBaseUrl(provider: Pick<ProviderConfig, 'baseUrl'>): string {
  return (provider.baseUrl ?? VENDORS.anthropic.url).replace(/\/+$/, '').replace(/\/v1$/, '');
}

/** Whose thinking it is: a vendor at its own address, or one endpoint. */
export function thinkingVendor({ name, baseUrl }: Pick<ProviderConfig, 'name' | 'baseUrl'>): string {
  if (baseUrl === undefined) return name;
  const { host } = new URL(baseUrl);
  const { url } = vendorRecord(name);
  return url !== null && host === new URL(url).host ? name : `${name}:${host}`;
}

/** Whom the encrypted reasoning of a Responses model belongs to: it can be read for one account alone. */
export const responsesVendor = (provider: Pick<ProviderConfig, 'id' | 'name' | 'baseUrl'>): string =>
  `${thinkingVendor(provider)}:responses:${provider.id}`;

/** OpenAI itself, at its own address or at Azure, knows fields that most compatible servers refuse. */
export function isOpenai(provider: Pick<ProviderConfig, 'name' | 'baseUrl'>): boolean {
  return (
    provider.name === 'openai' ||
    isHost(provider, /(^|\.)(?:openai|openai\.azure|services\.ai\.azure|cognitiveservices\.azure)\.com$/)
  );
}

/** Azure wants its keys under a name of its own. */
export const isAzure = (provider: Pick<ProviderConfig, 'baseUrl'>): boolean =>
  isHost(provider, /\.azure\.com$/);

/** OpenRouter says with each reply what it has charged for it. */
export const isOpenrouter = (provider: Pick<ProviderConfig, 'baseUrl'>): boolean =>
  isHost(provider, /(^|\.)openrouter\.ai$/);

const isHost = ({ baseUrl }: Pick<ProviderConfig, 'baseUrl'>, host: RegExp): boolean =>
  baseUrl !== undefined && host.test(new URL(baseUrl).hostname);

/** OpenAI's own models take the newer name of the output limit, most compatible servers know only the older one. */
export const limitName = (
  provider: Pick<ProviderConfig, 'name' | 'baseUrl'>,
): 'max_tokens' | 'max_completion_tokens' => (isOpenai(provider) ? 'max_completion_tokens' : 'max_tokens');

/** Mistral's own endpoint takes only ids of nine letters or digits. */
export function idRule(provider: Pick<ProviderConfig, 'baseUrl'>): IdRule {
  return provider.baseUrl && /(^|\.)mistral\.ai$/.test(new URL(provider.baseUrl).hostname)
    ? 'nine'
    : 'common';
}

/** A key goes into an HTTP header: visible ASCII only, else the client would throw with the key in its message. */
export const isSendableKey = (key: string): boolean => /^[\x21-\x7e]*$/.test(key);
