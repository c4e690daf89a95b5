import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ProviderConfig, providerConfig, type Usage } from '../../src/factory/model/money/finance.ts';
import { fetchPriceList, INSTALLED_LIST, openPriceList } from '../../src/llm/price-list.ts';
import { priceOf } from '../../src/llm/prices.ts';

const provider = (fields: Partial<ProviderConfig>): ProviderConfig =>
  providerConfig.parse({ id: 'p', name: 'openai', model: 'gpt-4.1', apiKey: '', ...fields });
const used = (fields: Partial<Usage>): Usage => ({
  input: 0,
  cacheWrite: 0,
  cacheRead: 0,
  output: 0,
  ...fields,
});
const NOW = new Date('2026-11-29T10:00:00Z');

describe("prices by the vendors' own examples", () => {
  test.each<[string, Partial<ProviderConfig>, Partial<Usage>, number]>([
    // $5 and $25 per million, $6.25 into the cache for five minutes, $0.50 from it.
    [
      'Anthropic: a cache that is written, then read',
      { name: 'anthropic', model: 'claude-opus-4-5' },
      { input: 21, cacheWrite: 188_086, cacheRead: 0, output: 393 },
      (21 * 5 + 188_086 * 6.25 + 393 * 25) / 1e6,
    ],
    [
      'Anthropic: the same cache read',
      { name: 'anthropic', model: 'claude-opus-4-5' },
      { input: 21, cacheRead: 188_086, output: 393 },
      (21 * 5 + 188_086 * 0.5 + 393 * 25) / 1e6,
    ],
    // $3 and $15 per million up to 200,000 tokens of input, $6 and $22.50 for all of a longer call.
    [
      'Anthropic: a call above 200,000 tokens of input',
      { name: 'anthropic', model: 'claude-sonnet-4-5' },
      { input: 250_000, output: 1_000 },
      (250_000 * 6 + 1_000 * 22.5) / 1e6,
    ],
    [
      'Anthropic: cached input counts into that length',
      { name: 'anthropic', model: 'claude-sonnet-4-5' },
      { input: 50_000, cacheRead: 200_000, output: 0 },
      (50_000 * 6 + 200_000 * 0.6) / 1e6,
    ],
    // $1.25, $0.125 cached and $10 per million; reasoning tokens are output tokens.
    [
      'OpenAI: cached input, and an output of which 1,024 tokens are reasoning',
      { model: 'gpt-5' },
      { input: 81, cacheRead: 1_920, output: 1_035 },
      (81 * 1.25 + 1_920 * 0.125 + 1_035 * 10) / 1e6,
    ],
    // $2.50 and $15 up to 272,000 tokens of input, $5 and $22.50 for all of a longer call.
    [
      'OpenAI: a call above 272,000 tokens of input',
      { model: 'gpt-5.4' },
      { input: 300_000, output: 2_000 },
      (300_000 * 5 + 2_000 * 22.5) / 1e6,
    ],
    [
      'OpenAI: a call below that',
      { model: 'gpt-5.4' },
      { input: 270_000, output: 2_000 },
      (270_000 * 2.5 + 2_000 * 15) / 1e6,
    ],
    // $1.25 and $10 up to 200,000 tokens, $2.50 and $15 for all of a longer call.
    [
      'Google: a call above 200,000 tokens of input',
      {
        ...{ name: 'custom', model: 'gemini-2.5-pro' },
        baseUrl: 'https://generativelanguage.googleapis.com/v1beta/openai',
      },
      { input: 200_001, output: 1_000 },
      (200_001 * 2.5 + 1_000 * 15) / 1e6,
    ],
  ])('hold for %s', (_, fields, usage, usd) => {
    expect(priceOf(provider(fields), used(usage))).toBeCloseTo(usd, 9);
  });
});

describe('the list of prices', () => {
  const LIST = [
    {
      id: 'openai',
      name: 'OpenAI',
      api_pattern: 'https://api\\.openai\\.com',
      models: models('gpt-a', 'gpt-b', 'gpt-4.1'),
    },
    {
      id: 'anthropic',
      name: 'Anthropic',
      api_pattern: 'x',
      models: models('claude-a', 'claude-b', 'claude-c'),
    },
  ];
  function models(...ids: string[]) {
    return ids.map((id) => ({ id, match: { equals: id }, prices: { input_mtok: 7, output_mtok: 9 } }));
  }
  const answer =
    (text: string, status = 200) =>
    async () =>
      new Response(text, { status });
  const URL = 'https://prices.example/data.json';

  test('that is installed is the one whose date is shown', () => {
    const file = createRequire(import.meta.url).resolve('@pydantic/genai-prices');
    const { version } = JSON.parse(readFileSync(path.join(path.dirname(file), '../package.json'), 'utf8'));
    expect(INSTALLED_LIST.version).toBe(version);
  });

  test.each<[string, string]>([
    ['no JSON', '<html>'],
    ['an object', '{}'],
    ['an empty list', '[]'],
    ['a list without a vendor', JSON.stringify(LIST.slice(0, 1))],
    ['a price below nothing', JSON.stringify(LIST).replace('"input_mtok":7', '"input_mtok":-7')],
    ['a price that is text', JSON.stringify(LIST).replace('"input_mtok":7', '"input_mtok":"7"')],
    ['a rule that no one knows', JSON.stringify(LIST).replace('"equals"', '"sounds_like"')],
    ['a broken pattern', JSON.stringify(LIST).replace('"api_pattern":"x"', '"api_pattern":"("')],
  ])('is refused when it is %s', async (_, text) => {
    await expect(fetchPriceList(URL, NOW, answer(text))).rejects.toMatchObject({
      ...{ kind: 'failed', code: 'prices_unusable' },
      hint: expect.stringContaining('holds on'),
    });
  });

  test('is refused when its address does not answer well, or anybody on the way could change it', async () => {
    await expect(fetchPriceList(URL, NOW, answer('gone', 404))).rejects.toMatchObject({
      code: 'prices_not_fetched',
    });
    for (const url of ['http://prices.example/data.json', 'file:///etc/passwd', 'nonsense']) {
      await expect(fetchPriceList(url, NOW)).rejects.toMatchObject({
        kind: 'usage',
        code: 'prices_url_invalid',
      });
    }
  });

  test('that is not there leaves the installed one', () => {
    expect(openPriceList('/no/such/folder/prices.json').info().source).toBe('installed');
  });
});
