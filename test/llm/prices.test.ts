import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ProviderConfig, providerConfig, type Usage } from '../../src/factory/finance/finance.ts';
import { affordableOutput, contextWindow, priceOf, worstCase } from '../../src/llm/prices.ts';

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
    ['free', { free: true, model: 'unheard-of' }, { input: 1e9 }, 0],
  ])('%s', (_name, fields, usage, usd) => {
    expect(priceOf(provider(fields), used(usage))).toBeCloseTo(usd, 12);
  });

  test.each<[string, Partial<ProviderConfig>]>([
    ['an unknown model', { model: 'gpt-nonsense' }],
    ['an unknown model of Anthropic', { name: 'anthropic', model: 'claude-none' }],
    ['a known name at an unknown custom endpoint', { name: 'custom', baseUrl: 'http://127.0.0.1:11434' }],
    ['a custom adapter', { name: 'custom', adapter: '/opt/adapter.mjs' }],
  ])('%s has no price, and neither has its worst case', (_name, fields) => {
    expect(priceOf(provider(fields), used({ input: 1 }))).toBeNull();
    expect(worstCase(provider(fields), 1, 1)).toBeNull();
    expect(affordableOutput(provider(fields), 1, 1, 1)).toBeNull();
  });

  test('the context window comes from the catalogue', () => {
    expect(contextWindow(provider({ model: 'gpt-4' }))).toBe(8_192);
    expect(contextWindow(provider({ model: 'gpt-nonsense' }))).toBeNull();
  });
});

describe('the worst case', () => {
  test("counts Anthropic's dearer cache writes, also for the owner's prices", () => {
    const listed = provider({ name: 'anthropic', model: 'claude-3-opus-20240229' });
    expect(worstCase(listed, 1_000_000, 0)).toBeCloseTo(18.75, 9);
    const own = provider({ name: 'anthropic', prices: { input: 4, output: 20 } });
    expect(worstCase(own, 1_000_000, 1_000_000)).toBeCloseTo(25, 9);
  });

  const anyProvider = fc.constantFrom(
    provider({}),
    provider({ name: 'anthropic', model: 'claude-sonnet-4-5' }),
    provider({ name: 'anthropic', prices: { input: 4, output: 20 } }),
    provider({ prices: { input: 0, output: 1, cacheRead: 0.5 } }),
    provider({ free: true }),
  );

  test('is never less than what a usage within it costs', () => {
    fc.assert(
      fc.property(
        anyProvider,
        fc.nat(150_000),
        fc.nat(150_000),
        fc.nat(20_000),
        fc.nat(20_000),
        (from, input, cacheWrite, output, room) => {
          const cost = priceOf(from, used({ input, cacheWrite, output })) ?? Number.NaN;
          const most = worstCase(from, input + cacheWrite, output + room) ?? Number.NaN;
          expect(most).toBeGreaterThanOrEqual(cost - 1e-12);
        },
      ),
    );
  });

  test('of the output that money buys is not more than the money', () => {
    fc.assert(
      fc.property(
        anyProvider,
        fc.nat(100_000),
        fc.integer({ min: 1, max: 64_000 }),
        fc.double({ min: 0, max: 5, noNaN: true }),
        (from, input, wanted, usd) => {
          const tokens = affordableOutput(from, input, usd, wanted) ?? Number.NaN;
          expect(tokens).toBeLessThanOrEqual(wanted);
          if (tokens > 0) {
            expect(worstCase(from, input, tokens) ?? Number.NaN).toBeLessThanOrEqual(usd + 1e-9);
          }
        },
      ),
    );
  });
});
