import { describe, expect, test } from 'vitest';
import { clearsHealth, updateProvider } from '../../../../src/factory/finance/providers/provider-update.ts';
import {
  addProvider,
  defaultProviderId,
  type NewProvider,
  removeProvider,
} from '../../../../src/factory/finance/providers/providers.ts';
import { type ProvidersFile, providersFile } from '../../../../src/factory/model/money/finance.ts';
import { NOW, provider } from '../fixtures.ts';

const EMPTY: ProvidersFile = providersFile.parse({});
const rules = { isPriced: () => true, spentBefore: 0 };
const input = (over: Partial<NewProvider> = {}): NewProvider => ({
  name: 'openai',
  model: 'gpt-5',
  apiKey: 'env:K',
  ...over,
});
const add = (over: Partial<NewProvider> = {}, more: Partial<typeof rules> = {}) =>
  addProvider(EMPTY, input(over), { ...rules, ...more }).providers[0];
const holding = (over: Parameters<typeof provider>[1]) => ({ ...EMPTY, providers: [provider('a', over)] });

describe('adding a provider', () => {
  test('takes what was given and the defaults of the rest', () => {
    expect(add({ creditsAvailable: 5, requestsPerMinute: 60, priceIn: 1, priceOut: 2 })).toMatchObject({
      id: 'openai-gpt-5',
      creditsAvailable: 5,
      rateLimit: { requestsPerMinute: 60 },
      prices: { input: 1, output: 2 },
      priority: 1,
      enabled: true,
      consecutiveFailures: 0,
    });
  });

  test('credits count from now on, whatever an earlier provider of that id had spent', () => {
    expect(add({ creditsAvailable: 5 }, { spentBefore: 8 })?.creditsAvailable).toBe(13);
  });

  test('an id is made from vendor and model', () => {
    expect(defaultProviderId('custom', 'Qwen/Qwen3 Coder:30b')).toBe('custom-qwen-qwen3-coder-30b');
    expect(defaultProviderId('custom', '模型')).toBe('custom');
  });

  test('an id that is taken is refused, in whatever case', () => {
    const file = addProvider(EMPTY, input({ id: 'a' }), rules);
    expect(() => addProvider(file, input({ id: 'A' }), rules)).toThrow(
      expect.objectContaining({ kind: 'usage', code: 'provider_exists' }),
    );
  });

  test('a model without a known price is refused, with the way out', () => {
    expect(() => add({}, { isPriced: () => false })).toThrow(
      expect.objectContaining({ code: 'provider_price_unknown', hint: expect.stringContaining('--free') }),
    );
  });

  test.each<[string, Partial<NewProvider>]>([
    ['an unknown vendor', { name: 'acme' }],
    ['negative credits', { creditsAvailable: -1 }],
    ['credits that are no number', { creditsAvailable: Number.NaN }],
    ['enormous credits', { creditsAvailable: 1e12 }],
    ['endless credits', { creditsAvailable: Number.POSITIVE_INFINITY }],
    ['no credits at all', { creditsAvailable: 0 }],
    ['a negative price', { priceIn: -1, priceOut: 1 }],
    ['an enormous price', { priceIn: 1e9, priceOut: 1 }],
    ['half a price', { priceIn: 1 }],
    ['prices of nothing', { priceIn: 0, priceOut: 0 }],
    ['prices of what is free', { priceIn: 1, priceOut: 1, free: true }],
    ['a rate of zero', { requestsPerMinute: 0 }],
    ['a broken rate', { tokensPerMinute: 1.5 }],
    ['a rate that is no number', { requestsPerDay: Number.NaN }],
    ['a negative priority', { priority: -1 }],
    ['a tiny context window', { contextTokens: 10 }],
    ['an empty model', { model: '' }],
    ['an id that is a path', { id: '../x' }],
    ['a base URL that is none', { baseUrl: 'api.example.com' }],
    ['a base URL of a file', { baseUrl: 'file:///etc/passwd' }],
    ['a base URL with a password', { baseUrl: 'https://u:p@x.example/v1' }],
    ['a base URL with a query', { baseUrl: 'https://x.example/v1?key=1' }],
    ['custom without an endpoint', { name: 'custom' }],
    ['an adapter of a vendor', { adapter: '/x.js' }],
    ['an adapter and a base URL', { name: 'custom', adapter: '/x.js', baseUrl: 'https://x.example' }],
  ])('%s is refused with one clear error', (_name, over) => {
    expect(() => add(over)).toThrow(
      expect.objectContaining({ kind: 'usage', code: 'provider_invalid', hint: expect.stringMatching(/\S/) }),
    );
  });

  test("a base URL keeps Azure's api-version", () => {
    const baseUrl = 'https://me.openai.azure.com/openai?api-version=2025-04-01-preview';
    expect(add({ baseUrl })).toMatchObject({ baseUrl });
  });
});

describe('changing a provider', () => {
  test('a new key switches on what was switched off for its key, and not what its owner switched off', () => {
    const refused = holding({ enabled: false, disabledReason: '401', consecutiveFailures: 3 });
    const [again] = updateProvider(refused, 'a', { apiKey: 'env:NEW' }).providers;
    expect(again).toMatchObject({ enabled: true, apiKey: 'env:NEW', consecutiveFailures: 0 });
    expect(again).not.toHaveProperty('disabledReason');
    expect(
      updateProvider(holding({ enabled: false }), 'a', { apiKey: 'env:NEW' }).providers[0]?.enabled,
    ).toBe(false);
  });

  test('more credit is added to what was bought, and ends being out of money', () => {
    const empty = holding({ creditsAvailable: 3, exhaustedAt: NOW, exhaustedUntil: NOW });
    const [next] = updateProvider(empty, 'a', { addCredits: 2 }).providers;
    expect(next?.creditsAvailable).toBe(5);
    expect(next).not.toHaveProperty('exhaustedAt');
    expect(updateProvider(holding({}), 'a', { addCredits: 2 }, 7).providers[0]?.creditsAvailable).toBe(9);
  });

  test('credit that is bought after an overshoot is not eaten up by it', () => {
    const file = holding({ creditsAvailable: 3 });
    expect(updateProvider(file, 'a', { addCredits: 2 }, 3.4).providers[0]?.creditsAvailable).toBe(5.4);
  });

  test('credits may be set to what is left, or to no limit', () => {
    const file = holding({ creditsAvailable: 3 });
    expect(updateProvider(file, 'a', { credits: 5 }, 2).providers[0]?.creditsAvailable).toBe(7);
    expect(updateProvider(file, 'a', { credits: null }, 2).providers[0]?.creditsAvailable).toBeUndefined();
  });

  test('limits are changed, kept and taken away one by one', () => {
    const file = holding({ rateLimit: { requestsPerMinute: 60, tokensPerMinute: 1_000 } });
    const [next] = updateProvider(file, 'a', { requestsPerDay: 9, tokensPerMinute: null }).providers;
    expect(next?.rateLimit).toEqual({ requestsPerMinute: 60, requestsPerDay: 9 });
  });

  test('prices replace being free, and the other way round', () => {
    const file = holding({ free: true });
    const priced = updateProvider(file, 'a', { priceIn: 1, priceOut: 2 });
    expect(priced.providers[0]).toMatchObject({ free: false, prices: { input: 1, output: 2 } });
    const free = updateProvider(priced, 'a', { free: true }).providers[0];
    expect([free?.free, free?.prices]).toEqual([true, undefined]);
  });

  test.each<[string, Parameters<typeof updateProvider>[2], string]>([
    ['no credit', { credits: 0 }, '--credits 0'],
    ['credit below zero', { addCredits: -1 }, '--add-credits'],
    ['credit that is no number', { credits: Number.NaN }, '--credits'],
    ['enormous credit', { addCredits: 1e12 }, '--add-credits'],
    ['two kinds of credit', { credits: 1, addCredits: 1 }, 'exclude'],
    ['a limit of zero', { requestsPerMinute: 0 }, '--rpm'],
    ['an endless limit', { tokensPerMinute: Number.POSITIVE_INFINITY }, '--tpm'],
    ['half a price', { priceIn: 1 }, 'go together'],
    ['prices of zero', { priceIn: 0, priceOut: 0 }, 'Prices of 0'],
    ['no address', { baseUrl: 'nowhere' }, 'nowhere'],
  ])('refuses %s, and the file stays as it was', (_name, update, words) => {
    const file = holding({ creditsAvailable: 3 });
    const before = structuredClone(file);
    expect(() => updateProvider(file, 'a', update)).toThrow(
      expect.objectContaining({ code: 'provider_invalid', message: expect.stringContaining(words) }),
    );
    expect(file).toEqual(before);
  });

  test('only another key, endpoint or credit and a new start make void what was known of its health', () => {
    for (const update of [
      { apiKey: 'x' },
      { credits: 1 },
      { addCredits: 1 },
      { baseUrl: 'x' },
      { enabled: true },
    ])
      expect(clearsHealth(update)).toBe(true);
    for (const update of [{ requestsPerMinute: 1 }, { enabled: false }, { priority: 2 }])
      expect(clearsHealth(update)).toBe(false);
  });

  test('switching off keeps what is known of its health', () => {
    const file = updateProvider(holding({ exhaustedAt: NOW, consecutiveFailures: 2 }), 'a', {
      enabled: false,
    });
    expect(file.providers[0]).toMatchObject({ enabled: false, exhaustedAt: NOW, consecutiveFailures: 2 });
  });

  test('a provider that is not there is named, with those that are', () => {
    const missing = expect.objectContaining({
      kind: 'not_found',
      code: 'provider_not_found',
      hint: 'Known ones: a.',
    });
    expect(() => updateProvider(holding({}), 'b', {})).toThrow(missing);
    expect(() => removeProvider(holding({}), 'b')).toThrow(missing);
    expect(removeProvider(holding({}), 'a').providers).toEqual([]);
  });
});

describe('how a model is asked', () => {
  const ways = { api: 'chat', effort: 'high', maxOutputTokens: 9_000 } as const;

  test('is said when it is added, changed later, and taken back', () => {
    const added = addProvider(EMPTY, input({ id: 'a', ...ways }), rules);
    expect(added.providers[0]).toMatchObject(ways);
    const changed = updateProvider(added, 'a', { effort: 'low' });
    expect(changed.providers[0]).toMatchObject({ ...ways, effort: 'low' });
    const back = updateProvider(changed, 'a', { api: null, effort: null, maxOutputTokens: null });
    expect(
      back.providers[0]?.api ?? back.providers[0]?.effort ?? back.providers[0]?.maxOutputTokens,
    ).toBeUndefined();
  });

  test('has prices of the cache beside those of the rest, which may be changed alone', () => {
    const prices = { priceIn: 1, priceOut: 2, priceCacheRead: 0.1, priceCacheWrite: 1.25 };
    const added = addProvider(EMPTY, input({ id: 'a', ...prices }), rules);
    expect(added.providers[0]?.prices).toEqual({ input: 1, output: 2, cacheRead: 0.1, cacheWrite: 1.25 });
    const changed = updateProvider(added, 'a', { priceCacheRead: 0 });
    expect(changed.providers[0]?.prices).toEqual({ input: 1, output: 2, cacheRead: 0, cacheWrite: 1.25 });
  });

  test.each<[string, Partial<NewProvider>]>([
    ['an API that is none', { api: 'grpc' }],
    ['an effort that is none', { effort: 'xhigh' }],
    ['an output too small for anything', { maxOutputTokens: 100 }],
    ['the price of a cache alone', { priceCacheRead: 1 }],
    ['the price of a cache of what is free', { priceCacheRead: 1, free: true }],
  ])('is refused for %s', (_, over) => {
    expect(() => add(over)).toThrow(expect.objectContaining({ kind: 'usage', code: 'provider_invalid' }));
  });

  test('of an endpoint that was left is forgotten', () => {
    const reported = { at: NOW, contextTokens: 4_096 };
    const file = holding({ name: 'custom', baseUrl: 'http://127.0.0.1:9/v1', reported });
    const moved = updateProvider(file, 'a', { baseUrl: 'http://127.0.0.1:10/v1' });
    expect(moved.providers[0]?.reported).toBeUndefined();
  });
});
