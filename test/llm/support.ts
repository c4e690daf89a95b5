import type { ChatMessage } from '../../src/factory/model/message.ts';
import { type ProviderConfig, providerConfig } from '../../src/factory/model/money/finance.ts';
import type { ModelCallOptions, ModelFailure, ModelReply, ModelRequest } from '../../src/factory/ports.ts';
import type { ScriptedModel } from '../support/model-server/index.ts';

/** Adapters by what they speak: OpenAI's two interfaces, Anthropic's, and a compatible server's. */
export const VENDORS = ['openai', 'responses', 'anthropic', 'custom'] as const;
export type TestVendor = (typeof VENDORS)[number];

/** In no known form, so that only the exact search finds it. */
export const KEY = 'Plain.key+of/the-owner';

const MODEL: Record<TestVendor, string> = {
  openai: 'gpt-4.1',
  responses: 'gpt-5.1',
  anthropic: 'claude-opus-4-6',
  custom: 'qwen3-coder',
};

export function providerAt(
  server: Pick<ScriptedModel, 'url'>,
  vendor: TestVendor,
  fields: Partial<ProviderConfig> = {},
): ProviderConfig {
  const baseUrl = vendor === 'anthropic' ? server.url : `${server.url}/v1`;
  return providerConfig.parse({
    id: vendor,
    name: vendor === 'responses' ? 'openai' : vendor,
    ...(vendor === 'openai' ? { api: 'chat' } : vendor === 'responses' ? { api: 'responses' } : {}),
    model: MODEL[vendor],
    apiKey: '',
    baseUrl,
    ...fields,
  });
}

const TOOLS = [
  {
    name: 'bash',
    description: 'Runs a command.',
    parameters: { type: 'object', properties: { command: { type: 'string' } }, required: ['command'] },
  },
];

export function requestFor(
  provider: ProviderConfig,
  messages: readonly ChatMessage[] = [{ role: 'user', text: 'hi' }],
  fields: Partial<ModelRequest> = {},
): ModelRequest {
  return {
    model: provider.model,
    system: 'You are an engineer.',
    messages,
    tools: TOOLS,
    maxOutputTokens: 1_000,
    ...fields,
  };
}

export function patient(fields: Partial<ModelCallOptions> = {}): ModelCallOptions {
  return { signal: new AbortController().signal, idleTimeoutMs: 20_000, timeoutMs: 20_000, ...fields };
}

export function failed(outcome: ModelReply | ModelFailure): ModelFailure {
  if (outcome.ok) throw new Error(`a reply where a failure should be: ${JSON.stringify(outcome.message)}`);
  return outcome;
}

export function replied(outcome: ModelReply | ModelFailure): ModelReply {
  if (!outcome.ok) throw new Error(`a failure where a reply should be: ${outcome.message}`);
  return outcome;
}
