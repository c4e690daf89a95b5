import { describe, expect, test } from 'vitest';
import { type ProviderConfig, providerConfig } from '../../src/factory/model/money/finance.ts';
import {
  anthropicBaseUrl,
  idRule,
  limitName,
  openaiBaseUrl,
  thinkingVendor,
} from '../../src/llm/endpoint.ts';
import { createModels } from '../../src/llm/models.ts';
import { allowedOutput } from '../../src/llm/repair.ts';
import { failed, patient, requestFor } from './support.ts';

const provider = (fields: Partial<ProviderConfig>): ProviderConfig =>
  providerConfig.parse({ id: 'p', name: 'openai', model: 'm', apiKey: '', ...fields });

describe('adapters', () => {
  test('are the same for the same provider and key, and new for a new key, model or address', async () => {
    const models = createModels();
    const first = await models.adapterFor(provider({}), 'key-1');
    expect(await models.adapterFor(provider({ priority: 5 }), 'key-1')).toBe(first);
    expect(await models.adapterFor(provider({}), 'key-2')).not.toBe(first);
    expect(await models.adapterFor(provider({ model: 'n' }), 'key-1')).not.toBe(first);
    expect(await models.adapterFor(provider({ baseUrl: 'http://127.0.0.1:1' }), 'key-1')).not.toBe(first);
  });

  test('are not kept without end', async () => {
    const models = createModels();
    const first = await models.adapterFor(provider({}), 'key');
    for (let index = 0; index < 100; index += 1) await models.adapterFor(provider({}), `key-${index}`);
    expect(await models.adapterFor(provider({}), 'key')).not.toBe(first);
  });

  test('of a custom provider without an address refuse and say why', async () => {
    const custom = provider({ name: 'custom' });
    const adapter = await createModels().adapterFor(custom, '');
    const failure = failed(await adapter.complete(requestFor(custom), patient()));
    expect(failure).toMatchObject({ kind: 'config', perhapsBilled: false });
    expect(failure.message).toContain('base URL');
  });
});

describe('addresses', () => {
  test.each([
    [undefined, 'https://api.openai.com/v1'],
    ['http://127.0.0.1:11434', 'http://127.0.0.1:11434/v1'],
    ['http://127.0.0.1:11434/', 'http://127.0.0.1:11434/v1'],
    ['https://openrouter.ai/api/v1/', 'https://openrouter.ai/api/v1'],
  ])('%s is %s for clients of OpenAI', (baseUrl, expected) => {
    expect(openaiBaseUrl(provider(baseUrl ? { baseUrl } : {}))).toBe(expected);
  });

  test.each([
    [undefined, 'https://api.anthropic.com'],
    ['http://127.0.0.1:8080/v1', 'http://127.0.0.1:8080'],
    ['http://127.0.0.1:8080/anthropic/', 'http://127.0.0.1:8080/anthropic'],
  ])('%s is %s for clients of Anthropic', (baseUrl, expected) => {
    expect(anthropicBaseUrl(provider(baseUrl ? { baseUrl } : {}))).toBe(expected);
  });

  test('decide about the form of requests', () => {
    expect(limitName(provider({}))).toBe('max_completion_tokens');
    expect(limitName(provider({ name: 'custom', baseUrl: 'https://me.openai.azure.com/openai/v1' }))).toBe(
      'max_completion_tokens',
    );
    expect(limitName(provider({ name: 'custom', baseUrl: 'https://openai.com.evil.example/v1' }))).toBe(
      'max_tokens',
    );
    expect(idRule(provider({ name: 'custom', baseUrl: 'https://api.mistral.ai/v1' }))).toBe('nine');
    expect(idRule(provider({}))).toBe('common');
    expect(thinkingVendor(provider({ name: 'custom', baseUrl: 'http://host:1/v1' }))).toBe('custom:host:1');
  });
});

test.each([
  ['This model supports at most 4096 completion tokens, whereas you provided 8192.', 4_096],
  ['max_tokens: 8192 > 4096, which is the maximum allowed number of output tokens for claude', 4_096],
  ['max_tokens must be less than or equal to 2048', 2_048],
  ["Invalid 'max_output_tokens': integer above maximum value. Expected a value <= 4096, but got 8192", 4_096],
  ['<400> InternalError.Algo.InvalidParameter: Range of max_tokens should be [1, 4096]', 4_096],
  ['Invalid max_tokens value, the valid range of max_tokens is [1, 4096]', 4_096],
  ['`max_tokens` must be less than or equal to `4096`, the maximum value for `max_tokens`', 4_096],
  ['supports at most 16384 completion tokens', undefined],
  ['max_tokens is too large', undefined],
])('"%s" allows %s of 8192', (message, allowed) => expect(allowedOutput(message, 8_192)).toBe(allowed));
