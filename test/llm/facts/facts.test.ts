import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ProviderConfig, providerConfig } from '../../../src/factory/model/money/finance.ts';
import { apisOf, factsOf, isNamed, isNotText, unfitReason } from '../../../src/llm/facts/facts.ts';

const provider = (fields: Partial<ProviderConfig>): ProviderConfig =>
  providerConfig.parse({ id: 'p', name: 'openai', model: 'gpt-5.1', apiKey: '', ...fields });
const openai = (model: string) => factsOf(provider({ model }));
const anthropic = (model: string) => factsOf(provider({ name: 'anthropic', model }));
const custom = (model: string, fields: Partial<ProviderConfig> = {}) =>
  factsOf(provider({ name: 'custom', model, baseUrl: 'http://127.0.0.1:9/v1', ...fields }));

const modules = createRequire(import.meta.url);

/** The texts in quotes of a type in the SDK's declarations. */
function namesOfType(sdk: string, file: string, type: string): string[] {
  const declarations = readFileSync(path.join(path.dirname(modules.resolve(sdk)), file), 'utf8');
  const union = new RegExp(`export type ${type} = ([^;]*);`).exec(declarations)?.[1] ?? '';
  return [...union.matchAll(/'([^']+)'/g)].flatMap((match) => match[1] ?? []);
}

describe('what is known of a model', () => {
  test.each([
    ['ChatModel', 'openai'],
    ['ResponsesModel', 'openai'],
  ] as const)(
    'every name in the type %s of its SDK has an entry, or is named as not a text model',
    (type, name) => {
      const names = namesOfType('openai', 'resources/shared.d.ts', type);
      expect(names.length).toBeGreaterThan(10);
      expect(names.filter((model) => !isNamed(provider({ name, model })) && !isNotText(model))).toEqual([]);
    },
  );

  test('every name in the type Model of the SDK of Anthropic has an entry', () => {
    const names = namesOfType('@anthropic-ai/sdk', 'resources/messages/messages.d.ts', 'Model');
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((model) => !isNamed(provider({ name: 'anthropic', model })))).toEqual([]);
  });

  test('a model that sound is made with is none for the work, and one that writes code is', () => {
    expect(unfitReason(provider({ model: 'gpt-4o-audio-preview-2024-10-01' }))).toBe(
      'it is not a text model',
    );
    expect(unfitReason(provider({ model: 'text-embedding-3-large' }))).toBe('it is not a text model');
    expect(unfitReason(provider({ model: 'o1-mini-2024-09-12' }))).toBe('it cannot call tools');
    expect(unfitReason(provider({ model: 'gpt-5.1-codex-max' }))).toBeUndefined();
  });

  test.each<[string, string[]]>([
    ['o3-pro', ['responses']],
    ['o1-pro-2025-03-19', ['responses']],
    ['gpt-5-pro', ['responses']],
    ['gpt-5-codex', ['responses']],
    ['gpt-5.1-codex-max', ['responses']],
    ['codex-mini-latest', ['responses']],
    ['o4-mini-deep-research-2025-06-26', ['responses']],
    ['gpt-5.1', ['responses', 'chat']],
    ['gpt-4o-mini-2024-07-18', ['responses', 'chat']],
    ['gpt-4o-search-preview-2025-03-11', ['chat']],
    ['gpt-3.5-turbo-1106', ['chat']],
    ['o1-preview-2024-09-12', ['chat']],
  ])('OpenAI answers %s through %j', (model, apis) => {
    expect(apisOf(provider({ model }))).toEqual(apis);
    expect(openai(model).api).toBe(apis[0]);
  });

  test('an endpoint of another vendor is asked through chat completions, unless it is Azure or its owner says so', () => {
    expect(custom('openai/gpt-5.1').api).toBe('chat');
    expect(custom('gpt-5.1', { api: 'responses' }).api).toBe('responses');
    expect(custom('gpt-5.1', { baseUrl: 'https://mine.openai.azure.com/openai/v1' }).api).toBe('responses');
    expect(anthropic('claude-opus-5').api).toBe('messages');
  });

  test.each<[string, 'openai' | 'anthropic', Record<string, string>]>([
    ['gpt-5-mini', 'openai', { minimal: 'minimal', low: 'low', medium: 'medium', high: 'high' }],
    ['gpt-5-pro', 'openai', { high: 'high' }],
    ['gpt-5.1', 'openai', { minimal: 'none', low: 'low', medium: 'medium', high: 'high' }],
    ['gpt-5.1-codex-max', 'openai', { low: 'low', medium: 'medium', high: 'high', max: 'xhigh' }],
    ['gpt-5.6-sol', 'openai', { minimal: 'none', low: 'low', medium: 'medium', high: 'high', max: 'max' }],
    ['o3', 'openai', { low: 'low', medium: 'medium', high: 'high' }],
    ['gpt-4.1', 'openai', {}],
    ['claude-opus-4-5', 'anthropic', { low: 'low', medium: 'medium', high: 'high' }],
    ['claude-opus-4-6', 'anthropic', { low: 'low', medium: 'medium', high: 'high', max: 'max' }],
    ['claude-sonnet-4-5', 'anthropic', {}],
  ])("the efforts of %s are the vendor's words for the one scale", (model, name, efforts) => {
    expect(factsOf(provider({ name, model })).efforts).toEqual(efforts);
  });

  test.each([
    ['claude-opus-4-6', 'adaptive'],
    ['claude-fable-5', 'adaptive'],
    ['claude-sonnet-4-5-20250929', 'budget'],
    ['claude-3-5-haiku-20241022', 'none'],
  ])('%s thinks: %s', (model, thinking) => {
    expect(anthropic(model).thinking).toBe(thinking);
    expect(custom(`anthropic/${model}`).thinking).toBe('none');
  });

  test.each([
    ['gpt-5.1', 400_000, 128_000],
    ['o3', 200_000, 100_000],
    ['gpt-4o-2024-05-13', 128_000, 4_096],
    ['gpt-4', 8_192, 8_192],
  ])('%s reads %i tokens and writes %i', (model, contextTokens, maxOutputTokens) => {
    expect(openai(model)).toMatchObject({ contextTokens, maxOutputTokens, assumed: [] });
  });

  test("the owner's word goes before the endpoint's, and that before the table", () => {
    const reported = { at: new Date(0), contextTokens: 65_536, maxOutputTokens: 4_096 };
    expect(custom('deepseek-v3.2')).toMatchObject({ contextTokens: 128_000, maxOutputTokens: 8_192 });
    expect(custom('deepseek-v3.2', { reported })).toMatchObject({
      ...{ contextTokens: 65_536, maxOutputTokens: 4_096 },
      assumed: expect.not.arrayContaining(['contextTokens', 'maxOutputTokens']),
    });
    expect(custom('deepseek-v3.2', { reported, contextTokens: 20_000 }).contextTokens).toBe(20_000);
  });

  test('what an endpoint of its own may have otherwise is named as assumed', () => {
    expect(custom('qwen3-coder:30b').assumed).toEqual(
      expect.arrayContaining(['contextTokens', 'maxOutputTokens', 'api']),
    );
  });

  test.each([
    ['moonshotai/Kimi-K2-Thinking', 'always'],
    ['google/gemini-3-pro-preview', 'always'],
    ['openai/gpt-oss-120b:free', 'always'],
    ['mistral-small-2603', 'none'],
    ['meta-llama/llama-3.3-70b-instruct', 'none'],
  ])('a family is found behind the name of a reseller: %s', (model, thinking) => {
    expect(custom(model)).toMatchObject({ api: 'chat', thinking, caching: 'automatic' });
  });

  test('of a fine-tuned and of a newer model the same is expected as of its kin, and this is said', () => {
    expect(openai('ft:gpt-4o-2024-08-06:acme::abc')).toMatchObject({
      api: 'responses',
      maxOutputTokens: 16_384,
    });
    expect(openai('gpt-5.9')).toMatchObject({ api: 'responses', thinking: 'always' });
    expect(openai('gpt-5.9').assumed).toEqual(expect.arrayContaining(['api', 'efforts', 'maxOutputTokens']));
  });

  test('of a model that nobody knows only safe defaults are assumed', () => {
    expect(custom('acme-1')).toEqual({
      ...{ api: 'chat', contextTokens: null, maxOutputTokens: null, efforts: {}, thinking: 'none' },
      ...{ caching: 'automatic', assumed: ['api', 'efforts', 'thinking', 'caching'] },
    });
    expect(custom('acme-1', { effort: 'high' }).efforts).toEqual({
      low: 'low',
      medium: 'medium',
      high: 'high',
    });
  });
});
