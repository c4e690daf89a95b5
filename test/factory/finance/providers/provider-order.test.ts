import { describe, expect, it } from 'vitest';
import {
  type ProviderChange,
  type ProviderOrder,
  readChange,
  readOrder,
} from '../../../../src/factory/finance/providers/provider-order.ts';
import { NOW, provider } from '../fixtures.ts';

const NEW = { name: 'openai', model: 'gpt-5' };
const there = provider('a', { model: 'gpt-5', lastFailureAt: NOW, consecutiveFailures: 2 });
const refusal = (saying: string) =>
  expect.objectContaining({ code: 'provider_invalid', message: expect.stringContaining(saying) });

describe('a provider by the names of the specification', () => {
  it('is the same as by the flat ones', () => {
    const limits = { requestsPerMinute: 3, tokensPerMinute: 4, requestsPerDay: 5 };
    const flat = { ...NEW, id: 'a', enabled: false, creditsAvailable: 10, ...limits };
    const wanted = { ...flat, key: { kind: 'environment', variable: 'K' } };
    expect(
      readOrder({
        ...{ ...NEW, id: 'a', apiKey: 'env:K', creditsAvailable: 10, rateLimit: limits, enabled: false },
        ...{ consecutiveFailures: 0, lastSuccessAt: undefined },
      }),
    ).toEqual(wanted);
    expect(readOrder({ ...flat, key: { kind: 'environment', variable: 'K' } })).toEqual(wanted);
    expect(
      readChange({ apiKey: '', creditsAvailable: 7, rateLimit: { tokensPerMinute: null } }, there),
    ).toEqual({ key: { kind: 'none' }, credits: 7, tokensPerMinute: null });
  });

  it('is changed in what differs from it alone', () => {
    const { id, name, model, lastFailureAt, consecutiveFailures } = there;
    const same = { id, name, model, lastFailureAt, consecutiveFailures };
    expect(readChange({ ...same, priority: 4 }, there)).toEqual({ priority: 4 });
    expect(() => readChange(same, there)).toThrow(refusal('Nothing of the provider a'));
    const { apiKey: _key, ...whole } = provider('a', {
      ...{ creditsAvailable: 5, probedAt: NOW, free: false, rateLimit: { requestsPerMinute: 2 } },
      ...{ disabledReason: 'x', enabled: false },
    });
    expect(readChange({ ...whole, priority: 4 }, { ...whole, apiKey: '' })).toEqual({ priority: 4 });
  });

  it.each<[string, Partial<ProviderOrder>, string]>([
    ['a field that there is not', { colour: 'red' } as never, 'colour cannot be said'],
    ['one of its limits', { rateLimit: { perHour: 1 } } as never, 'rateLimit.perHour cannot be said'],
    ['a key of another form', { key: { kind: 'env', variable: 'X' } } as never, 'key.kind'],
    ['no key', { apiKey: undefined }, 'no key'],
    ['two keys', { key: { kind: 'none' } }, 'key and apiKey'],
    ['two credits', { credits: 1, creditsAvailable: 1 }, 'creditsAvailable and credits'],
    ['a limit twice', { rateLimit: { requestsPerDay: 1 }, requestsPerDay: 2 }, 'requestsPerDay'],
    ['failures of another one', { consecutiveFailures: 3 }, 'consecutiveFailures cannot be said'],
  ])('is not added with %s', (_what, more, saying) => {
    expect(() => readOrder({ ...NEW, apiKey: 'sk-1', ...more })).toThrow(refusal(saying));
  });

  it.each<[string, ProviderChange, string]>([
    ['its model', { model: 'gpt-6' }, 'model cannot be said'],
    ['its id', { id: 'b', priority: 1 }, 'id cannot be said'],
    ['how often it failed', { consecutiveFailures: 0 }, 'consecutiveFailures cannot be said'],
    ['a price by another name', { prices: { input: 1 } } as never, 'prices cannot be said'],
    ['nothing', {}, 'Nothing of the provider a'],
  ])('is not changed in %s', (_what, more, saying) => {
    expect(() => readChange(more, there)).toThrow(refusal(saying));
  });
});
