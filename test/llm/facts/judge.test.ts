import { describe, expect, test } from 'vitest';
import { type ProviderConfig, providerConfig } from '../../../src/factory/model/money/finance.ts';
import { doubts, judgeModel, judgeWays } from '../../../src/llm/facts/judge.ts';

const provider = (fields: Partial<ProviderConfig>): ProviderConfig =>
  providerConfig.parse({ id: 'p', name: 'openai', model: 'gpt-5.1', apiKey: '', ...fields });
const judged = (fields: Partial<ProviderConfig>) => () => judgeModel(provider(fields));
const refusal = (code: string, hint: string) =>
  expect.objectContaining({ kind: 'usage', code, hint: expect.stringContaining(hint) });

const PRICES = { input: 1, output: 2 };

describe('a model that cannot be meant', () => {
  test.each<[string, Partial<ProviderConfig>, string]>([
    ['a letter too few', { model: 'gpt-5.1-codex-mx' }, 'gpt-5.1-codex-max'],
    ['letters that changed places', { model: 'gpt-5-mnii' }, 'gpt-5-mini'],
    ['an underscore', { model: 'gpt_4o' }, 'gpt-4o'],
    ['a letter too many', { name: 'anthropic', model: 'claude-sonnnet-4-5' }, 'claude-sonnet-4-5'],
    ['a name of another order', { name: 'anthropic', model: 'claude-4-5-opus' }, 'claude-4-opus'],
    [
      'a slip that the price list would take',
      { name: 'anthropic', model: 'claude-opus-4-5x' },
      'claude-opus-4-5',
    ],
  ])('is refused with the nearest known names: %s', (_, fields, near) => {
    expect(judged(fields)).toThrow(refusal('model_unknown', near));
    expect(judged(fields)).toThrow(refusal('model_unknown', '--price-in'));
  });

  test('is refused with each near name in one spelling', () => {
    const hint = /Nearest known: gpt-5\.1-codex, (?!gpt-5-1-codex,)/;
    expect(judged({ model: 'gpt-5.1-codx' })).toThrow(
      expect.objectContaining({ hint: expect.stringMatching(hint) }),
    );
  });

  test.each<[string, Partial<ProviderConfig>, string]>([
    ['Claude at OpenAI', { model: 'claude-opus-5' }, '--name anthropic'],
    ['GPT at Anthropic', { name: 'anthropic', model: 'gpt-5.1' }, '--name openai'],
    ['Gemini at OpenAI', { model: 'gemini-3-pro-preview' }, 'generativelanguage.googleapis.com'],
    ['DeepSeek at Anthropic', { name: 'anthropic', model: 'deepseek-chat' }, 'api.deepseek.com'],
    ['another one, with prices all the same', { model: 'grok-4', prices: PRICES }, 'api.x.ai'],
    [
      'another one behind a gateway without prices',
      { model: 'claude-opus-5', baseUrl: 'http://127.0.0.1:9/v1' },
      '--name anthropic',
    ],
  ])('is refused with the vendor that has it: %s', (_, fields, options) => {
    expect(judged(fields)).toThrow(refusal('model_elsewhere', options));
  });

  test.each(['text-embedding-3-large', 'gpt-4o-mini-tts', 'gpt-realtime', 'whisper-1', 'gpt-image-1'])(
    'is refused when it writes no text: %s',
    (model) => {
      expect(judged({ model })).toThrow(refusal('model_not_text', 'calls tools'));
    },
  );

  test('is refused when it is known and has no price, with both ways to one', () => {
    const mythos = judged({ name: 'anthropic', model: 'claude-mythos-5' });
    expect(mythos).toThrow(refusal('provider_price_unknown', 'Give --price-in'));
    expect(mythos).toThrow(refusal('provider_price_unknown', 'df prices update'));
  });

  test('is refused at an endpoint whose prices are listed, with the nearest names', () => {
    const openrouter = { name: 'custom', baseUrl: 'https://openrouter.ai/api/v1' } as const;
    expect(judged({ ...openrouter, model: 'openai/gpt-4.2' })).toThrow(
      refusal('provider_price_unknown', 'openai/gpt-4.1'),
    );
  });
});

describe('a model that may be meant', () => {
  test.each<[string, Partial<ProviderConfig>]>([
    ['with a date', { model: 'gpt-4o-mini-2024-07-18' }],
    ['fine-tuned, of a kind that is priced', { model: 'ft:gpt-4o-2024-08-06:acme::abc' }],
    ['fine-tuned under a name of sound', { model: 'ft:gpt-4o-2024-08-06:acme:my-voice-bot:abc' }],
    ['private, with prices', { model: 'acme-internal-7', prices: PRICES }],
    ['newer than the tables, with prices', { name: 'anthropic', model: 'claude-opus-7', prices: PRICES }],
    [
      'without a price in the list, with prices',
      { name: 'anthropic', model: 'claude-mythos-5', prices: PRICES },
    ],
    [
      "of another vendor behind the owner's gateway",
      { model: 'claude-opus-5', baseUrl: 'http://127.0.0.1:9/v1', prices: PRICES },
    ],
    [
      'local and free',
      { name: 'custom', model: 'qwen3-coder:30b', baseUrl: 'http://127.0.0.1:9/v1', free: true },
    ],
    [
      'an audio model of an own server',
      { name: 'custom', model: 'my-live-model', baseUrl: 'http://127.0.0.1:9/v1', free: true },
    ],
  ])('is taken: %s', (_, fields) => {
    expect(judged(fields)).not.toThrow();
  });

  test('is taken with a word of doubt when it looks like a slip, or cannot call tools', () => {
    expect(doubts(provider({ model: 'gpt-5.1-codex-mx', prices: PRICES }))[0]).toContain('gpt-5.1-codex-max');
    expect(doubts(provider({ model: 'gpt-4o-search-preview' }))[0]).toContain('cannot call tools');
    expect(doubts(provider({ model: 'gpt-5.1' }))).toEqual([]);
    const own = { name: 'custom', model: 'my-live-model', baseUrl: 'http://127.0.0.1:9/v1' } as const;
    expect(doubts(provider({ ...own, free: true }))).toEqual([]);
  });
});

describe('what a model cannot do', () => {
  test.each<[Partial<ProviderConfig>, string]>([
    [{ model: 'gpt-5-pro', effort: 'low' }, 'high'],
    [{ model: 'gpt-5.1-codex-max', effort: 'minimal' }, 'low, medium, high, max'],
    [{ model: 'gpt-4.1', effort: 'high' }, 'leave --effort out'],
    [{ name: 'anthropic', model: 'claude-opus-4-5', effort: 'max' }, 'low, medium, high'],
    [{ name: 'anthropic', model: 'claude-sonnet-4-5', effort: 'high' }, 'leave --effort out'],
  ])('an effort that it lacks is refused with those that it has: %j', (fields, known) => {
    expect(judged(fields)).toThrow(refusal('effort_unknown', known));
  });

  test.each<[Partial<ProviderConfig>, string]>([
    [{ model: 'gpt-4.1', maxOutputTokens: 32_769 }, '32768'],
    [{ model: 'gpt-4o', maxOutputTokens: 128_000 }, '16384'],
    [{ name: 'anthropic', model: 'claude-haiku-4-5', maxOutputTokens: 64_001 }, '64000'],
    [
      {
        ...{
          name: 'custom',
          model: 'acme',
          baseUrl: 'http://127.0.0.1:9/v1',
          free: true,
          maxOutputTokens: 9_000,
        },
        reported: { at: new Date(0), maxOutputTokens: 8_192 },
      },
      '8192',
    ],
  ])('an output above its own is refused with the most that it writes: %j', (fields, most) => {
    expect(judged(fields)).toThrow(refusal('output_too_long', most));
  });

  test.each<[Partial<ProviderConfig>, string]>([
    [{ name: 'anthropic', model: 'claude-opus-5', api: 'responses' }, 'leave --api out'],
    [{ name: 'anthropic', model: 'claude-opus-5', api: 'chat' }, 'leave --api out'],
    [{ model: 'o3-pro', api: 'chat' }, 'responses'],
    [{ model: 'gpt-3.5-turbo', api: 'responses' }, 'chat'],
  ])('an API that does not answer it is refused: %j', (fields, apis) => {
    expect(judged(fields)).toThrow(refusal('api_unknown', apis));
  });

  test.each<Partial<ProviderConfig>>([
    { model: 'o3-pro', api: 'chat', baseUrl: 'http://127.0.0.1:9/v1' },
    { model: 'gpt-5.1', api: 'chat', effort: 'minimal', maxOutputTokens: 128_000 },
    { name: 'custom', model: 'acme', baseUrl: 'http://127.0.0.1:9/v1', free: true, effort: 'max' },
    { model: 'gpt-5.9', prices: PRICES, effort: 'max', maxOutputTokens: 300_000 },
  ])('what a gateway, the vendor or nobody rules out is taken: %j', (fields) => {
    expect(judged(fields)).not.toThrow();
  });

  test('how a model is asked can be changed whatever its name is', () => {
    expect(() => judgeWays(provider({ model: 'gpt-5.1-codex-mx', effort: 'high' }))).not.toThrow();
    expect(() => judgeWays(provider({ model: 'gpt-5-pro', effort: 'low' }))).toThrow();
  });
});
