import { describe, expect, test } from 'vitest';
import { createModels } from '../../src/llm/models.ts';
import { modelForTest, type ScriptedModelOptions } from '../support/model.ts';
import { failed, KEY, patient, providerAt, replied, requestFor } from './support.ts';

describe('an endpoint that wants the other interface', () => {
  const SAYS: ScriptedModelOptions = { script: () => ({ text: 'hi' }) };
  const refusing = (format: 'responses' | 'openai', status: number, body: string): ScriptedModelOptions => ({
    ...SAYS,
    faults: [{ format, fault: { fault: 'http', status, body } }],
  });
  const error = (message: string, code?: string) => JSON.stringify({ error: { message, code } });

  test.each<[string, 'openai' | 'responses', ScriptedModelOptions, string[]]>([
    [
      'a model that is on Responses alone',
      'openai',
      { ...SAYS, responsesOnly: ['some-model'] },
      ['openai 404', 'responses 200', 'responses 200'],
    ],
    [
      'a server that has no such path',
      'responses',
      { ...SAYS, without: ['responses'] },
      ['openai 200', 'openai 200'],
    ],
    [
      'a server whose 404 is a page',
      'responses',
      refusing('responses', 404, '<html><head><title>404 Not Found</title></head></html>'),
      ['responses 404', 'openai 200', 'openai 200'],
    ],
    [
      'a server of FastAPI without the route',
      'openai',
      refusing('openai', 404, '{"detail":"Not Found"}'),
      ['openai 404', 'responses 200', 'responses 200'],
    ],
    [
      'Azure with an API version from before Responses',
      'responses',
      refusing(
        'responses',
        400,
        error('Azure OpenAI Responses API is enabled only for api-version 2025-03-01-preview and later'),
      ),
      ['responses 400', 'openai 200', 'openai 200'],
    ],
    [
      'a gateway that asks for chat completions',
      'responses',
      refusing('responses', 400, error('Unsupported. Please use chat completions for this model.')),
      ['responses 400', 'openai 200', 'openai 200'],
    ],
    [
      'a gateway that misses the messages',
      'responses',
      refusing('responses', 400, error("Missing required parameter: 'messages'.")),
      ['responses 400', 'openai 200', 'openai 200'],
    ],
    [
      'a model that is none for chat',
      'openai',
      refusing(
        'openai',
        404,
        error('This is not a chat model and thus not supported in the v1/chat/completions endpoint.'),
      ),
      ['openai 404', 'responses 200', 'responses 200'],
    ],
    [
      'a gateway that knows Responses alone',
      'openai',
      refusing('openai', 400, error('/v1/chat/completions is not supported. Please use /v1/responses.')),
      ['openai 400', 'responses 200', 'responses 200'],
    ],
    [
      'a gateway that cannot translate the request',
      'responses',
      refusing('responses', 500, error('not implemented', 'convert_request_failed')),
      ['responses 500', 'openai 200', 'openai 200'],
    ],
    [
      'a model whose tools and effort go together there alone',
      'openai',
      refusing(
        'openai',
        400,
        error(
          'Function tools with reasoning_effort are not supported for this model in /v1/chat/completions. Please use /v1/responses instead.',
        ),
      ),
      ['openai 400', 'responses 200', 'responses 200'],
    ],
    [
      'a server that knows the method no more',
      'responses',
      refusing('responses', 405, 'Method Not Allowed'),
      ['responses 405', 'openai 200', 'openai 200'],
    ],
  ])('A86 is asked there, and from then on: %s', async (_what, first, options, seen) => {
    const server = await modelForTest(options);
    const provider = providerAt(server, first, { model: 'some-model' });
    const adapter = await createModels().adapterFor(provider, KEY);
    for (const _time of [1, 2]) {
      const reply = replied(await adapter.complete(requestFor(provider), patient()));
      expect(reply.insteadOn).toBe(first === 'responses' ? 'chat' : 'responses');
    }
    const known = server.requests.map(({ format, status }) => `${format} ${status}`);
    // A model that is not in the tables may be refused its reasoning once.
    expect(known.filter((each) => each !== 'responses 400' || seen.includes(each))).toEqual(seen);
    expect(server.ledger).toHaveLength(2);
  });

  test.each([
    [404, error('The model `gpt-none` does not exist or you do not have access to it.', 'model_not_found')],
    [404, '{"error":"model \\"qwen3\\" not found, try pulling it first"}'],
    [404, error('The API deployment for this resource does not exist.', 'DeploymentNotFound')],
    [404, error('models/gemini-none is not found for API version v1main')],
    [410, error('The model `gpt-old` has been deprecated')],
  ])('is not one whose model is missing: %s %s', async (status, body) => {
    for (const api of ['openai', 'responses'] as const) {
      const server = await modelForTest({ ...SAYS, faults: [{ fault: { fault: 'http', status, body } }] });
      const provider = providerAt(server, api, { model: 'gpt-5.1' });
      const adapter = await createModels().adapterFor(provider, KEY);
      expect(failed(await adapter.complete(requestFor(provider), patient()))).toMatchObject({
        kind: 'config',
        status,
      });
      expect(server.requests).toHaveLength(1);
    }
  });

  test('that has neither is a matter of its configuration, in the words about the one that was asked for', async () => {
    const server = await modelForTest({ ...SAYS, without: ['openai', 'responses'] });
    const provider = providerAt(server, 'responses');
    const adapter = await createModels().adapterFor(provider, KEY);
    const failure = failed(await adapter.complete(requestFor(provider), patient()));
    expect(failure).toMatchObject({ kind: 'config', status: 404, perhapsBilled: false });
    expect(failure).not.toHaveProperty('repair');
  });

  test('that is only busy is not left for the other', async () => {
    const server = await modelForTest({ ...SAYS, faults: [{ fault: { fault: 'overloaded' }, times: 1 }] });
    const provider = providerAt(server, 'responses');
    const adapter = await createModels().adapterFor(provider, KEY);
    expect(failed(await adapter.complete(requestFor(provider), patient())).kind).toBe('outage');
    expect(server.requests.map((request) => request.format)).toEqual(['responses']);
  });
});
