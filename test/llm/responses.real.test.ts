import { describe, expect, test } from 'vitest';
import type { ChatMessage } from '../../src/factory/model/message.ts';
import { createModels } from '../../src/llm/models.ts';
import { calls, modelForTest, type ScriptedModelOptions } from '../support/model.ts';
import { failed, KEY, patient, providerAt, replied, requestFor } from './support.ts';

type Body = Record<string, unknown> & { input: Record<string, unknown>[] };
const bodyOf = (request: { body?: unknown } | undefined) => request?.body as Body;

/** The conversation after one reply: each of its calls has a result. */
function answered(messages: readonly ChatMessage[], reply: Extract<ChatMessage, { role: 'assistant' }>) {
  const results = reply.parts.flatMap((part): ChatMessage[] =>
    part.type === 'tool_call'
      ? [{ role: 'tool', callId: part.id, name: part.name, output: 'a', isError: false }]
      : [],
  );
  return [...messages, reply, ...results];
}

describe('a reasoning model on the Responses interface', () => {
  const THINKS: ScriptedModelOptions = {
    script: (turn) => ({
      thinking: `thought ${turn.assistantTurns}`,
      ...calls(['bash', { command: 'ls' }], ['bash', { command: 'pwd' }]),
    }),
  };

  test('gets its encrypted reasoning back through the tool loop, word for word, and is billed as the server bills', async () => {
    const server = await modelForTest(THINKS);
    const provider = providerAt(server, 'responses', { effort: 'high' });
    const adapter = await createModels().adapterFor(provider, KEY);
    let messages: ChatMessage[] = [{ role: 'user', text: 'go' }];
    for (let turn = 0; turn < 3; turn += 1) {
      // What a crash and a restart make of it.
      const kept: ChatMessage[] = JSON.parse(JSON.stringify(messages));
      const asked = requestFor(provider, kept, { cacheKey: 'df-key', toolRequired: true });
      const reply = replied(await adapter.complete(asked, patient()));
      expect(reply.usage).toEqual(server.ledger[turn]?.usage);
      messages = answered(messages, reply.message);
    }
    expect(server.requests.map(({ format, status }) => `${format} ${status}`)).toEqual(
      Array.from({ length: 3 }, () => 'responses 200'),
    );
    const round = [
      'reasoning',
      'function_call',
      'function_call',
      'function_call_output',
      'function_call_output',
    ];
    const last = bodyOf(server.requests[2]);
    expect(last.input.map((item) => item.type)).toEqual(['message', ...round, ...round]);
    expect(last).toMatchObject({
      ...{ store: false, stream: true, reasoning: { effort: 'high' }, prompt_cache_key: 'df-key' },
      ...{ tool_choice: 'required', parallel_tool_calls: true },
    });
  });

  test('A87 of another account goes on without the reasoning that it cannot read, and is refused it once', async () => {
    const server = await modelForTest(THINKS);
    const provider = providerAt(server, 'responses');
    let messages: ChatMessage[] = [{ role: 'user', text: 'go' }];
    const models = createModels();
    // The owner has put the key of another organisation in the place of the old one.
    for (const key of ['sk-old', 'sk-new', 'sk-new']) {
      const adapter = await models.adapterFor(provider, key);
      const reply = replied(await adapter.complete(requestFor(provider, messages), patient()));
      messages = answered(messages, reply.message);
    }
    expect(server.requests.map((request) => request.status)).toEqual([200, 400, 200, 200]);
    expect(JSON.stringify(bodyOf(server.requests[3]).input)).toContain('encrypted_content');
  });
});

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

  test('and has neither is a matter of its configuration, in the words about the one that was asked for', async () => {
    const server = await modelForTest({ ...SAYS, without: ['openai', 'responses'] });
    const provider = providerAt(server, 'responses');
    const adapter = await createModels().adapterFor(provider, KEY);
    const failure = failed(await adapter.complete(requestFor(provider), patient()));
    expect(failure).toMatchObject({ kind: 'config', status: 404, perhapsBilled: false });
    expect(failure).not.toHaveProperty('repair');
  });

  test('and is only busy is not left for it', async () => {
    const server = await modelForTest({ ...SAYS, faults: [{ fault: { fault: 'overloaded' }, times: 1 }] });
    const provider = providerAt(server, 'responses');
    const adapter = await createModels().adapterFor(provider, KEY);
    expect(failed(await adapter.complete(requestFor(provider), patient())).kind).toBe('outage');
    expect(server.requests.map((request) => request.format)).toEqual(['responses']);
  });
});

describe('a model that is not in the tables', () => {
  test('whatever it lacks of reasoning, effort and keys is left out after one refusal each, and stays so', async () => {
    const lacks = (message: string) => ({
      times: 1,
      fault: { fault: 'http' as const, status: 400, body: JSON.stringify({ error: { message } }) },
    });
    const server = await modelForTest({
      script: () => ({ text: 'hi' }),
      faults: [
        lacks('Encrypted content is not supported with this model.'),
        lacks("Unsupported parameter: 'reasoning.effort' is not supported with this model."),
        lacks('Unrecognized request argument supplied: prompt_cache_key'),
        lacks('This model does not support this tool_choice'),
      ],
    });
    const provider = providerAt(server, 'responses', { model: 'some-model', effort: 'high' });
    const adapter = await createModels().adapterFor(provider, KEY);
    const asked = requestFor(provider, undefined, { cacheKey: 'df-key', toolRequired: true });
    for (const _time of [1, 2]) replied(await adapter.complete(asked, patient()));
    expect(server.requests.map((request) => request.status)).toEqual([400, 400, 400, 400, 200, 200]);
    for (const name of ['include', 'reasoning', 'prompt_cache_key', 'tool_choice']) {
      expect(bodyOf(server.requests[0])).toHaveProperty(name);
      expect(bodyOf(server.requests[5])).not.toHaveProperty(name);
    }
  });
});

describe('a model that gives its reply as a whole only', () => {
  test.each([
    ['responses', "Unsupported value: 'stream' does not support true with this model."],
    ['responses', 'Your organization must be verified to stream this model.'],
    ['openai', 'This model does not support streaming.'],
    ['custom', 'streaming is not supported'],
  ] as const)(
    'is asked so after one refusal, and may be silent for longer: %s, %s',
    async (vendor, message) => {
      const server = await modelForTest({
        script: () => ({ thinking: 'hm', text: 'hi', ...calls(['bash', { command: 'ls' }]), delayMs: 300 }),
        faults: [
          { times: 1, fault: { fault: 'http', status: 400, body: JSON.stringify({ error: { message } }) } },
        ],
      });
      const provider = providerAt(server, vendor);
      const adapter = await createModels().adapterFor(provider, KEY);
      for (const turn of [0, 1]) {
        const reply = replied(await adapter.complete(requestFor(provider), patient({ idleTimeoutMs: 200 })));
        expect(reply.message.parts.map((part) => part.type)).toEqual(['thinking', 'text', 'tool_call']);
        expect(reply.usage).toEqual(server.ledger[turn]?.usage);
      }
      expect(server.requests.map(({ status, stream }) => [status, stream])).toEqual([
        [400, true],
        [200, false],
        [200, false],
      ]);
    },
  );
});

describe('an address with more in it', () => {
  test.each([
    ['openai/?api-version=2025-04-01-preview', 'openai'],
    ['openai/responses?api-version=2025-04-01-preview', 'openai'],
    ['openai/deployments/ours?api-version=2025-04-01-preview', 'openai/deployments/ours'],
    ['openai/deployments/ours/chat/completions?api-version=2025-04-01-preview', 'openai/deployments/ours'],
  ])('of Azure (%s) keeps its API version behind each path', async (given, chat) => {
    const seen: string[] = [];
    const models = createModels({
      fetch: async (input) => {
        seen.push(String(input));
        return new Response('{"error":{"message":"Resource not found","code":"404"}}', { status: 404 });
      },
    });
    const provider = providerAt({ url: '' }, 'responses', {
      baseUrl: `https://owner.openai.azure.com/${given}`,
    });
    const adapter = await models.adapterFor(provider, KEY);
    failed(await adapter.complete(requestFor(provider), patient()));
    expect(seen).toEqual([
      'https://owner.openai.azure.com/openai/responses?api-version=2025-04-01-preview',
      `https://owner.openai.azure.com/${chat}/chat/completions?api-version=2025-04-01-preview`,
    ]);
  });
});
