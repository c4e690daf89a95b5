import { describe, expect, it } from 'vitest';
import { checkEndpoint } from '../../src/factory/finance/providers/provider-checks.ts';
import { providerConfig } from '../../src/factory/model/money/finance.ts';
import { VENDOR_NAMES, VENDORS, vendorNames, wantsKey } from '../../src/factory/model/money/vendors.ts';
import { knownNames } from '../../src/llm/facts/facts.ts';
import { FAILURE_ROWS } from '../../src/llm/failures.ts';
import { createModels } from '../../src/llm/models.ts';
import { pricedNames } from '../../src/llm/prices.ts';
import { VENDOR_TABLES } from '../../src/llm/vendors.ts';
import { sourcesOf } from '../support/sources/sources.ts';

const provider = (name: string, more: object = {}) =>
  providerConfig.parse({ id: 'a', name, model: 'gpt-4.1', apiKey: '', ...more });

describe.each(VENDOR_NAMES)('the kind of provider %s', (name) => {
  const record = VENDORS[name];

  it('has models, failures and an adapter of its own', async () => {
    expect(VENDOR_TABLES[name].families.length).toBeGreaterThan(0);
    for (const row of VENDOR_TABLES[name].rows) expect(FAILURE_ROWS).toContain(row);
    const baseUrl = 'http://127.0.0.1:9/v1';
    const adapter = await createModels().adapterFor(provider(name, { baseUrl }), 'key');
    expect(adapter.complete).toBeTypeOf('function');
  });

  it('is asked for an endpoint, a key and prices where it has none of its own', () => {
    const own = record.url !== null;
    if (own) expect(() => checkEndpoint({ name })).not.toThrow();
    else expect(() => checkEndpoint({ name })).toThrow('needs an endpoint');
    if (own) expect(() => checkEndpoint({ name, adapter: '/a.mjs' })).toThrow('--adapter');
    else expect(() => checkEndpoint({ name, adapter: '/a.mjs' })).not.toThrow();
    expect(wantsKey(name)).toBe(own);
    expect(pricedNames(provider(name)).length > 0).toBe(record.priceList !== null);
    expect(knownNames(name).length > 0).toBe(own);
  });
});

describe('kinds of providers', () => {
  it('are named for people in one sentence, and none is wanted of what is none', () => {
    expect(vendorNames).toBe('openai, anthropic or custom');
    expect(['constructor', 'x', ''].map(wantsKey)).toEqual([false, false, false]);
  });

  it('are listed nowhere but in their records', () => {
    const compared = /\bname [!=]== '(openai|anthropic|custom)'|\['openai', 'anthropic'/;
    const found = [...sourcesOf('src')].filter(([, text]) => compared.test(text)).map(([file]) => file);
    // OpenAI itself, also at an address of its own at Azure.
    expect(found).toEqual(['src/llm/endpoint.ts']);
  });
});
