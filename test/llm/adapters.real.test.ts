import { describe, expect, onTestFinished, test } from 'vitest';
import type { ChatMessage } from '../../src/factory/model/message.ts';
import { createModels } from '../../src/llm/models.ts';
import { priceOf } from '../../src/llm/prices.ts';
import { call, modelForTest, sequence } from '../support/model.ts';
import { failed, KEY, patient, providerAt, replied, requestFor, VENDORS } from './support.ts';

const models = createModels();

describe.each(VENDORS)('the adapter for %s', (vendor) => {
  test('gives text, calls, usage and the reason of the stop', async () => {
    const server = await modelForTest({
      script: () => ({
        text: 'Grüße 👋',
        ...call('bash', { command: 'echo "ä"' }),
        usage: { input: 40, output: 7 },
      }),
    });
    const provider = providerAt(server, vendor);
    const adapter = await models.adapterFor(provider, KEY);
    const reply = replied(await adapter.complete(requestFor(provider), patient()));
    expect(reply.message.parts).toEqual([
      { type: 'text', text: 'Grüße 👋' },
      { type: 'tool_call', id: expect.any(String), name: 'bash', arguments: '{"command":"echo \\"ä\\""}' },
    ]);
    expect(reply.stop).toBe('tool_calls');
    expect(reply.usage).toEqual(server.ledger[0]?.usage);
    expect(server.requests[0]).toMatchObject({ key: KEY, stream: true, model: provider.model });
  });

  test('an empty reply is a reply', async () => {
    const server = await modelForTest({ script: () => ({}) });
    const provider = providerAt(server, vendor);
    const adapter = await models.adapterFor(provider, KEY);
    const reply = replied(await adapter.complete(requestFor(provider), patient()));
    expect(reply.message.parts).toEqual([]);
    expect(reply.usage.output).toBeGreaterThan(0);
  });

  test('malformed arguments come through as they are', async () => {
    const server = await modelForTest({ script: () => call('bash', '{"command": "ls') });
    const provider = providerAt(server, vendor);
    const adapter = await models.adapterFor(provider, KEY);
    const reply = replied(await adapter.complete(requestFor(provider), patient()));
    expect(reply.message.parts).toMatchObject([{ type: 'tool_call', arguments: '{"command": "ls' }]);
  });

  test('a call without arguments has an empty object', async () => {
    const server = await modelForTest({ script: () => call('bash', '') });
    const provider = providerAt(server, vendor);
    const adapter = await models.adapterFor(provider, KEY);
    const reply = replied(await adapter.complete(requestFor(provider), patient()));
    expect(reply.message.parts).toMatchObject([{ type: 'tool_call', arguments: '{}' }]);
  });

  test('ids that a server repeats in every reply become unique', async () => {
    const server = await modelForTest({
      script: () => ({
        toolCalls: [
          { name: 'bash', arguments: {}, id: 'call_0' },
          { name: 'bash', arguments: {}, id: 'call_1' },
        ],
      }),
    });
    const provider = providerAt(server, vendor);
    const adapter = await models.adapterFor(provider, KEY);
    const ids = new Set<string>();
    for (const _time of [1, 2]) {
      const reply = replied(await adapter.complete(requestFor(provider), patient()));
      for (const part of reply.message.parts) if (part.type === 'tool_call') ids.add(part.id);
    }
    expect(ids.size).toBe(4);
  });

  test('a conversation of twenty turns is accepted and what it costs is what the server bills', async () => {
    const price = { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 };
    const server = await modelForTest({
      script: (turn) => ({
        text: `turn ${turn.assistantTurns}`,
        ...call('bash', { command: 'ls '.repeat(200) }),
      }),
      prices: { '*': price },
    });
    const provider = providerAt(server, vendor, { prices: price });
    const adapter = await models.adapterFor(provider, KEY);
    const messages: ChatMessage[] = [{ role: 'user', text: 'x'.repeat(6_000) }];
    let cost = 0;
    for (let turn = 0; turn < 20; turn += 1) {
      const reply = replied(await adapter.complete(requestFor(provider, messages), patient()));
      cost += priceOf(provider, reply.usage) ?? Number.NaN;
      messages.push(reply.message);
      for (const part of reply.message.parts) {
        if (part.type !== 'tool_call') continue;
        messages.push({
          role: 'tool',
          callId: part.id,
          name: part.name,
          output: 'y'.repeat(2_000),
          isError: false,
        });
      }
    }
    expect(cost).toBeCloseTo(server.billed(), 9);
    // Everything but the newest turn is read from the cache: it was written, or sent, the turn before.
    const last = server.ledger.at(-1);
    expect(last?.usage.cacheRead).toBeGreaterThan(10_000);
    expect(last?.usage.input).toBeLessThan(1_500);
  });

  test('a call that was stopped before it began sends nothing', async () => {
    const server = await modelForTest({ script: () => ({ text: 'x' }) });
    const provider = providerAt(server, vendor);
    const adapter = await models.adapterFor(provider, KEY);
    const outcome = failed(
      await adapter.complete(requestFor(provider), patient({ signal: AbortSignal.abort() })),
    );
    expect(outcome).toMatchObject({ kind: 'aborted', perhapsBilled: false });
    expect(server.requests).toHaveLength(0);
  });

  test('a stream that was stopped in the middle gives no reply', async () => {
    const server = await modelForTest({ script: () => ({ text: 'x'.repeat(400), eventDelayMs: 30 }) });
    const provider = providerAt(server, vendor);
    const adapter = await models.adapterFor(provider, KEY);
    const owner = new AbortController();
    const outcome = adapter.complete(requestFor(provider), patient({ signal: owner.signal }));
    await expect.poll(() => server.requests[0]?.status).toBe(200);
    owner.abort();
    expect(failed(await outcome).kind).toBe('aborted');
  });

  test('signs of life keep a stream alive for longer than the idle time', async () => {
    const server = await modelForTest({ script: () => ({ text: 'slowly '.repeat(100), eventDelayMs: 40 }) });
    const provider = providerAt(server, vendor);
    const adapter = await models.adapterFor(provider, KEY);
    const alive = await adapter.complete(requestFor(provider), patient({ idleTimeoutMs: 1_200 }));
    expect(alive.ok).toBe(true);
  });

  test('the total time ends a stream that is alive', async () => {
    const server = await modelForTest({ script: () => ({ text: 'slowly '.repeat(100), eventDelayMs: 40 }) });
    const provider = providerAt(server, vendor);
    const adapter = await models.adapterFor(provider, KEY);
    const over = await adapter.complete(requestFor(provider), patient({ timeoutMs: 150 }));
    expect(failed(over)).toMatchObject({ kind: 'outage', code: 'timeout', perhapsBilled: true });
  });

  test('a stream in pieces of one byte is read', async () => {
    const server = await modelForTest({ script: () => ({ text: 'äöü 👩‍👩‍👧 €', chunkBytes: 1 }) });
    const provider = providerAt(server, vendor);
    const adapter = await models.adapterFor(provider, KEY);
    const reply = replied(await adapter.complete(requestFor(provider), patient()));
    expect(reply.message.parts).toEqual([{ type: 'text', text: 'äöü 👩‍👩‍👧 €' }]);
  });

  test('an endpoint without a key gets no key', async () => {
    const server = await modelForTest({ script: () => ({ text: 'x' }) });
    const provider = providerAt(server, vendor);
    const adapter = await models.adapterFor(provider, '');
    replied(await adapter.complete(requestFor(provider), patient()));
    expect(server.requests[0]?.key).toBe('');
  });

  test('settings for other programs in the environment change nothing', async () => {
    const server = await modelForTest({ script: () => ({ text: 'x' }) });
    const before = { ...process.env };
    onTestFinished(() => {
      for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    });
    Object.assign(process.env, {
      OPENAI_BASE_URL: 'http://127.0.0.1:9/v1',
      OPENAI_API_KEY: 'sk-other',
      ANTHROPIC_BASE_URL: 'http://127.0.0.1:9',
      ANTHROPIC_API_KEY: 'sk-other',
      ANTHROPIC_AUTH_TOKEN: 'other',
      OPENAI_CUSTOM_HEADERS: 'Authorization: Bearer sk-other\nx-secret: other',
      ANTHROPIC_CUSTOM_HEADERS: 'x-api-key: sk-other\nx-secret: other',
    });
    const provider = providerAt(server, vendor);
    const sent: string[] = [];
    const models = createModels({
      fetch: (input, init) => {
        sent.push(JSON.stringify([...new Headers(init?.headers)]));
        return fetch(input, init);
      },
    });
    for (const key of [KEY, '']) {
      const adapter = await models.adapterFor(provider, key);
      replied(await adapter.complete(requestFor(provider), patient()));
    }
    expect(server.requests.map((request) => request.key)).toEqual([KEY, '']);
    expect(sent).toHaveLength(2);
    for (const headers of sent) expect(headers).not.toContain('other');
  });

  test('a request without tools after one with tools is accepted', async () => {
    const server = await modelForTest({ script: () => ({ text: 'summary' }) });
    const provider = providerAt(server, vendor);
    const adapter = await models.adapterFor(provider, KEY);
    const messages: ChatMessage[] = [
      { role: 'user', text: 'go' },
      { role: 'assistant', parts: [{ type: 'tool_call', id: 'a', name: 'bash', arguments: '{}' }] },
      { role: 'tool', callId: 'a', name: 'bash', output: 'done', isError: false },
    ];
    replied(await adapter.complete(requestFor(provider, messages, { tools: [] }), patient()));
  });
});

describe('a switch of the vendor in the middle of the work', () => {
  test.each(VENDORS.flatMap((from) => VENDORS.filter((to) => to !== from).map((to) => [from, to] as const)))(
    'a conversation begun with %s goes on with %s and back',
    async (from, to) => {
      const server = await modelForTest({
        script: sequence([
          { thinking: 'first', text: 'I look.', ...call('bash', { command: 'ls' }) },
          { text: 'More.', ...call('bash', { command: 'cat a' }) },
          { thinking: 'third', ...call('bash', '{"broken') },
          { text: 'Done.' },
        ]),
      });
      const messages: ChatMessage[] = [{ role: 'user', text: 'go' }];
      for (const vendor of [from, to, from, to]) {
        const provider = providerAt(server, vendor);
        const adapter = await models.adapterFor(provider, KEY);
        const reply = replied(await adapter.complete(requestFor(provider, messages), patient()));
        messages.push(reply.message);
        for (const part of reply.message.parts) {
          if (part.type !== 'tool_call') continue;
          messages.push({
            role: 'tool',
            callId: part.id,
            name: part.name,
            output: `ran ${part.arguments}`,
            isError: false,
          });
        }
      }
      expect(messages.at(-1)).toMatchObject({ parts: [{ type: 'text', text: 'Done.' }] });
      expect(server.requests.map((request) => request.status)).toEqual([200, 200, 200, 200]);
    },
  );
});
