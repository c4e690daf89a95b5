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
        script: () => ({ thinking: 'hm', text: 'hi', ...calls(['bash', { command: 'ls' }]), delayMs: 1_000 }),
        faults: [
          { times: 1, fault: { fault: 'http', status: 400, body: JSON.stringify({ error: { message } }) } },
        ],
      });
      const provider = providerAt(server, vendor);
      const adapter = await createModels().adapterFor(provider, KEY);
      for (const turn of [0, 1]) {
        const reply = replied(await adapter.complete(requestFor(provider), patient({ idleTimeoutMs: 800 })));
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
