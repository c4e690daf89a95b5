import { describe, expect, test } from 'vitest';
import { askListed, askWithKey, readListed } from '../../../src/llm/facts/listed.ts';

const AT = new Date('2026-11-29T10:00:00Z');

describe("what an endpoint's list says of a model", () => {
  test.each<[string, object, object]>([
    [
      'OpenRouter',
      { context_length: 262_144, top_provider: { context_length: 131_072, max_completion_tokens: 32_768 } },
      { contextTokens: 131_072, maxOutputTokens: 32_768 },
    ],
    [
      'OpenRouter without a limit',
      { context_length: 262_144, top_provider: { max_completion_tokens: null } },
      { contextTokens: 262_144 },
    ],
    ['vLLM', { max_model_len: 40_960, root: 'acme' }, { contextTokens: 40_960 }],
    [
      'LiteLLM',
      { max_input_tokens: 200_000, max_output_tokens: 8_192 },
      { contextTokens: 200_000, maxOutputTokens: 8_192 },
    ],
    [
      'Groq',
      { context_window: 131_072, max_completion_tokens: 16_384 },
      { contextTokens: 131_072, maxOutputTokens: 16_384 },
    ],
    ['Mistral', { max_context_length: 32_768 }, { contextTokens: 32_768 }],
  ])('is read as %s writes it', (_, fields, sizes) => {
    const read = readListed(
      'acme',
      { object: 'list', data: [{ id: 'other' }, { id: 'acme', ...fields }] },
      AT,
    );
    expect(read).toEqual({ names: ['other', 'acme'], reported: { at: AT, ...sizes } });
  });

  test.each<[string, unknown, unknown]>([
    ['a model that is not listed', { data: [{ id: 'other', max_model_len: 9 }] }, { names: ['other'] }],
    ['names alone', { data: [{ id: 'acme' }] }, { names: ['acme'] }],
    [
      'sizes that are none',
      { data: [{ id: 'acme', context_length: -1, max_model_len: 'many' }] },
      { names: ['acme'] },
    ],
    [
      'an entry that is none among others',
      { data: [null, 7, { id: 'acme', max_model_len: 4_096 }] },
      { names: ['acme'], reported: { at: AT, contextTokens: 4_096 } },
    ],
    ['no list', { error: 'not found' }, null],
    ['nothing', null, null],
  ])('may be %s', (_, document, expected) => {
    expect(readListed('acme', document, AT)).toEqual(expected);
  });

  test.each<[string, () => Promise<Response>]>([
    ['answers 404', async () => new Response('{"data":[]}', { status: 404 })],
    ['shows a page', async () => new Response('<html>')],
    ['is not there', async () => Promise.reject(new TypeError('fetch failed'))],
  ])('is never needed: an endpoint that %s is none that says anything', async (_, fetch) => {
    const provider = { baseUrl: 'http://127.0.0.1:9/v1', model: 'acme' };
    expect(await askListed(provider, 'sk-x', AT, fetch)).toBeNull();
  });

  test('is waited for no longer than it is worth', async () => {
    const never = (_: unknown, init?: RequestInit) =>
      new Promise<Response>((_, reject) => {
        init?.signal?.addEventListener('abort', () => reject(new Error('aborted')));
      });
    const provider = { baseUrl: 'http://127.0.0.1:9/v1', model: 'acme' };
    expect(await askListed(provider, '', AT, never, 10)).toBeNull();
  });
});

describe('a key that is tried', () => {
  const asked: { url: string; headers: unknown }[] = [];
  const answering =
    (status: number, body = '') =>
    async (url: string | URL | Request, init?: RequestInit) => {
      asked.push({ url: String(url), headers: init?.headers });
      return new Response(body, { status });
    };

  test('is sent as its vendor wants it, and the models are told', async () => {
    const fetch = answering(200, JSON.stringify({ data: [{ id: 'a' }, { id: 'b' }] }));
    expect(await askWithKey({ name: 'anthropic' }, 'k', fetch)).toEqual({ taken: true, names: ['a', 'b'] });
    expect(asked.at(-1)).toMatchObject({
      url: 'https://api.anthropic.com/v1/models?limit=1000',
      headers: { 'x-api-key': 'k' },
    });
    await askWithKey({ name: 'openai' }, 'k', fetch);
    expect(asked.at(-1)).toMatchObject({
      url: 'https://api.openai.com/v1/models',
      headers: { authorization: 'Bearer k' },
    });
  });

  test.each([
    [401, '', { taken: false, names: [] }],
    [403, '', { taken: false, names: [] }],
    [500, '', { taken: null, names: [] }],
    [404, '', { taken: null, names: [] }],
    [200, '<html>', { taken: null, names: [] }],
    [200, '{}', { taken: true, names: [] }],
  ])('an answer of %d %j', async (status, body, expected) => {
    expect(await askWithKey({ name: 'openai' }, 'k', answering(status, body))).toEqual(expected);
  });
});
