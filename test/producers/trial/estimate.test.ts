import { expect, it } from 'vitest';
import { type ProviderConfig, providerConfig } from '../../../src/factory/model/money/finance.ts';
import { priceOf } from '../../../src/llm/prices.ts';
import { estimateTrial } from '../../../src/producers/trial/estimate.ts';

const priced = (over: Partial<ProviderConfig>): ProviderConfig =>
  providerConfig.parse({
    ...{ id: 'main', name: 'openai', model: 'gpt-5-mini', apiKey: '', prices: { input: 1, output: 2 } },
    ...over,
  });
const tried = (...providers: ProviderConfig[]) => estimateTrial(providers, 'mender', 1_000, priceOf);

it('tells about what a trial costs by provider, the first to be asked first', () => {
  const [dear, cheap] = tried(
    priced({ id: 'second', priority: 2, prices: { input: 0.1, cacheRead: 0.01, output: 0.2 } }),
    priced({ id: 'first', priority: 1 }),
  );
  expect([dear?.provider, cheap?.provider]).toEqual(['first', 'second']);
  // Fourteen requests with 5,500 to 16,000 tokens before them: some 150,000 tokens.
  expect(dear?.cost).toBeGreaterThan(0.1);
  expect(dear?.cost).toBeLessThan(0.25);
  expect((dear?.cost ?? 0) / (cheap?.cost ?? 1)).toBeGreaterThan(10);
});

it('names no cost where no price is known, none for a free one, and leaves out whoever may not work for the persona', () => {
  const free = priced({ id: 'free', free: true });
  const unpriced = priced({ id: 'unpriced', name: 'custom', baseUrl: 'http://127.0.0.1:1/v1' });
  delete unpriced.prices;
  expect(
    tried(
      free,
      unpriced,
      priced({ id: 'off', enabled: false }),
      priced({ id: 'other', personas: ['tester'] }),
      priced({ id: 'elsewhere', projects: ['shop'] }),
    ).map(({ provider, cost }) => [provider, cost]),
  ).toEqual([
    ['free', 0],
    ['unpriced', null],
  ]);
});
