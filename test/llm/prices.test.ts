import { describe, expect, test } from 'vitest';
import { type ProviderConfig, providerConfig, type Usage } from '../../src/factory/model/money/finance.ts';
import { contextWindow, priceOf } from '../../src/llm/prices.ts';

const provider = (fields: Partial<ProviderConfig>): ProviderConfig =>
  providerConfig.parse({ id: 'p', name: 'openai', model: 'gpt-4.1', apiKey: '', ...fields });
const used = (fields: Partial<Usage>): Usage => ({
  input: 0,
  cacheWrite: 0,
  cacheRead: 0,
  output: 0,
  ...fields,
});

describe('prices', () => {
  test.each<[string, Partial<ProviderConfig>, Partial<Usage>, number]>([
    ['OpenAI', {}, { input: 1_000, output: 500 }, 0.002 + 0.004],
    ['OpenAI, cached', {}, { input: 1_000, cacheRead: 2_000 }, 0.002 + 0.001],
    ['the example model of the specification', { model: 'gpt-4' }, { input: 1_000, output: 1_000 }, 0.09],
    [
      'Anthropic, all four buckets',
      { name: 'anthropic', model: 'claude-3-opus-20240229' },
      { input: 1_000, cacheWrite: 1_000, cacheRead: 1_000, output: 1_000 },
      0.015 + 0.01875 + 0.0015 + 0.075,
    ],
    [
      "a vendor's model behind the owner's own gateway",
      { baseUrl: 'http://127.0.0.1:9/v1' },
      { input: 1_000 },
      0.002,
    ],
    [
      'OpenRouter by its address',
      { name: 'custom', model: 'openai/gpt-4.1', baseUrl: 'https://openrouter.ai/api/v1' },
      { input: 1_000 },
      0.002,
    ],
    [
      "the owner's prices",
      { prices: { input: 3, output: 15 } },
      { input: 1e6, cacheRead: 1e6, output: 1e6 },
      21,
    ],
    [
      "the owner's cache prices",
      { prices: { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 } },
      { cacheWrite: 1e6, cacheRead: 1e6 },
      4.05,
    ],
    [
      'Anthropic, kept for an hour',
      { name: 'anthropic', model: 'claude-opus-4-6' },
      { input: 1_000, cacheWrite: 1_000, cacheWriteLong: 1_000, cacheRead: 1_000, output: 1_000 },
      0.005 + 0.00625 + 0.01 + 0.0005 + 0.025,
    ],
    [
      'Anthropic, kept for an hour, at a gateway of whose prices the list has none for it',
      { name: 'anthropic', model: 'anthropic/claude-opus-5', baseUrl: 'https://openrouter.ai/api/v1' },
      { cacheWrite: 1_000, cacheWriteLong: 1_000, cacheRead: 1_000 },
      0.00625 + 0.01 + 0.0005,
    ],
    [
      "kept for an hour, at the owner's prices",
      { prices: { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 } },
      { cacheWriteLong: 1e6, cacheWrite: 1e6 },
      9.75,
    ],
    ['free', { free: true, model: 'unheard-of' }, { input: 1e9 }, 0],
  ])('come to what is billed: %s', (_name, fields, usage, usd) => {
    expect(priceOf(provider(fields), used(usage))).toBeCloseTo(usd, 12);
  });

  test.each<[string, Partial<ProviderConfig>]>([
    ['an unknown model', { model: 'gpt-nonsense' }],
    ['an unknown model of Anthropic', { name: 'anthropic', model: 'claude-none' }],
    ['a known name at an unknown custom endpoint', { name: 'custom', baseUrl: 'http://127.0.0.1:11434' }],
    ['a custom adapter', { name: 'custom', adapter: '/opt/adapter.mjs' }],
  ])('%s has no price', (_name, fields) => {
    expect(priceOf(provider(fields), used({ input: 1 }))).toBeNull();
  });

  test('the context window comes from the catalogue', () => {
    expect(contextWindow(provider({ model: 'gpt-4' }))).toBe(8_192);
    expect(contextWindow(provider({ model: 'gpt-nonsense' }))).toBeNull();
  });
});
