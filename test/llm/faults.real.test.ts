import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ModelFailure } from '../../src/factory/ports.ts';
import { thinkingVendor } from '../../src/llm/endpoint.ts';
import { createModels } from '../../src/llm/models.ts';
import { type Fault, modelForTest, type ScriptedModelOptions, startScriptedModel } from '../support/model.ts';
import {
  failed,
  KEY,
  patient,
  providerAt,
  replied,
  requestFor,
  type TestVendor,
  VENDORS,
} from './support.ts';

const models = createModels();

async function meet(
  vendor: TestVendor,
  fault: Fault,
  options: Partial<ScriptedModelOptions> = {},
  limits: Parameters<typeof patient>[0] = {},
): Promise<ModelFailure> {
  const server = await modelForTest({
    script: () => ({ text: 'a rather long answer '.repeat(20) }),
    faults: [{ fault }],
    ...(vendor === 'custom' ? { dialect: 'openrouter' } : {}),
    ...options,
  });
  const provider = providerAt(server, vendor);
  const adapter = await models.adapterFor(provider, KEY);
  return failed(await adapter.complete(requestFor(provider), patient(limits)));
}

type Row = [vendor: TestVendor, fault: Fault, expected: Partial<ModelFailure>];

const ROWS: Row[] = (
  [
    [
      { fault: 'rate_limit', retryAfter: 7 },
      { kind: 'rate', status: 429, retryAfterMs: 7_000, perhapsBilled: false },
    ],
    [{ fault: 'rate_limit' }, { kind: 'rate', status: 429 }],
    [{ fault: 'insufficient_quota' }, { kind: 'money', perhapsBilled: false }],
    [{ fault: 'credit_too_low' }, { kind: 'money' }],
    [{ fault: 'usage_limit' }, { kind: 'money' }],
    [{ fault: 'payment_required' }, { kind: 'money', status: 402 }],
    [{ fault: 'unauthorized' }, { kind: 'key', status: 401 }],
    [{ fault: 'server_error' }, { kind: 'outage', status: 500, perhapsBilled: false }],
    [{ fault: 'overloaded' }, { kind: 'outage' }],
    [{ fault: 'context_length' }, { kind: 'context', status: 400 }],
    [{ fault: 'malformed_history' }, { kind: 'malformed', status: 400 }],
    [{ fault: 'model_not_found' }, { kind: 'config', status: 404 }],
    [{ fault: 'not_json' }, { kind: 'outage', perhapsBilled: true }],
    [{ fault: 'html' }, { kind: 'outage', code: 'web_page', perhapsBilled: false }],
    [
      { fault: 'html', status: 502 },
      { kind: 'outage', status: 502 },
    ],
    [{ fault: 'empty_body' }, { kind: 'outage', code: 'stream_cut', perhapsBilled: true }],
    [{ fault: 'reset' }, { kind: 'outage', perhapsBilled: true }],
    [{ fault: 'cut' }, { kind: 'outage', perhapsBilled: true }],
    [
      { fault: 'cut', orderly: true },
      { kind: 'outage', code: 'stream_cut', perhapsBilled: true },
    ],
    [
      { fault: 'cut', afterEvents: 1, orderly: true },
      { kind: 'outage', perhapsBilled: true },
    ],
    [{ fault: 'error_event' }, { kind: 'outage', perhapsBilled: true }],
    [
      { fault: 'error_event', kind: 'insufficient_quota' },
      { kind: 'money', perhapsBilled: true },
    ],
    [
      { fault: 'http', status: 418, body: 'teapot' },
      { kind: 'request', status: 418, code: 'unknown_answer' },
    ],
    [
      { fault: 'http', status: 307, headers: { location: 'http://127.0.0.1:1/' }, body: '' },
      { kind: 'config', code: 'redirect' },
    ],
  ] as [Fault, Partial<ModelFailure>][]
).flatMap(([fault, expected]): Row[] => VENDORS.map((vendor) => [vendor, fault, expected]));

describe('what a provider does instead of answering', () => {
  test.each(ROWS)('%s: %o is %o', async (vendor, fault, expected) => {
    const failure = await meet(vendor, fault);
    expect(failure).toMatchObject(expected);
    expect(JSON.stringify(failure)).not.toContain(KEY);
    expect(failure).not.toHaveProperty('repair');
  });

  test('403 is a matter of the key, for OpenAI of the model', async () => {
    expect((await meet('anthropic', { fault: 'forbidden' })).kind).toBe('key');
    expect((await meet('openai', { fault: 'forbidden' })).kind).toBe('config');
  });

  test('the day of return is read from the words', async () => {
    const failure = await meet('anthropic', { fault: 'usage_limit', regainOn: '2031-02-01 at 00:00 UTC' });
    expect(failure.resetAt).toEqual(new Date('2031-02-01T00:00:00Z'));
  });

  test('529 is told as such', async () => {
    expect((await meet('anthropic', { fault: 'overloaded' })).status).toBe(529);
  });

  test.each(['start', 'head', 'events'] as const)(
    'silence for ever at %s is ended by the idle time',
    async (at) => {
      for (const vendor of ['openai', 'responses', 'anthropic'] as const) {
        const failure = await meet(vendor, { fault: 'hang', at, afterEvents: 3 }, {}, { idleTimeoutMs: 150 });
        expect(failure).toMatchObject({ kind: 'outage', code: 'idle_timeout', perhapsBilled: true });
      }
    },
  );

  test('usage that came before the cut is told', async () => {
    const usage = { input: 500, output: 50, cacheRead: 0, cacheWrite: 0 };
    const server = await modelForTest({
      script: () => ({ text: 'x', usage }),
      faults: [{ fault: { fault: 'error_event', afterEvents: 6 } }],
    });
    const provider = providerAt(server, 'anthropic');
    const adapter = await models.adapterFor(provider, KEY);
    // start, ping, block start, delta, stop, message_delta with the final count: all there but the goodbye.
    expect(replied(await adapter.complete(requestFor(provider), patient())).usage).toEqual(usage);
  });

  test('a reply whose usage never comes is counted by its length when the stream ends in order', async () => {
    const server = await modelForTest({
      script: () => ({ text: 'ok' }),
      faults: [{ fault: { fault: 'cut', afterEvents: 3, orderly: true } }],
    });
    const provider = providerAt(server, 'openai');
    const adapter = await models.adapterFor(provider, KEY);
    const reply = replied(await adapter.complete(requestFor(provider), patient()));
    expect(reply.usage.input).toBeGreaterThan(10);
    expect(reply.usage.output).toBeGreaterThan(0);
  });

  test('a refused connection, an unknown host and a server that is no HTTP server are outages', async () => {
    const gone = await startScriptedModel({ script: () => ({}) });
    await gone.close();
    const refused = providerAt(gone, 'openai');
    const first = failed(
      await (await models.adapterFor(refused, KEY)).complete(requestFor(refused), patient()),
    );
    expect(first).toMatchObject({ kind: 'outage', perhapsBilled: false });

    const nowhere = providerAt({ url: 'http://nowhere.invalid' }, 'anthropic');
    const second = failed(
      await (await models.adapterFor(nowhere, KEY)).complete(requestFor(nowhere), patient()),
    );
    expect(second).toMatchObject({ kind: 'outage', perhapsBilled: false });

    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => sockets.delete(socket));
      socket.end('SSH-2.0-OpenSSH_9.2\r\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const strange = providerAt({ url }, 'openai');
    const third = failed(
      await (await models.adapterFor(strange, KEY)).complete(requestFor(strange), patient()),
    );
    expect(third.kind).toBe('outage');

    const tls = providerAt({ url: url.replace('http:', 'https:') }, 'openai');
    const fourth = failed(await (await models.adapterFor(tls, KEY)).complete(requestFor(tls), patient()));
    expect(fourth).toMatchObject({ kind: 'outage' });
  });

  test('a key in the body of an error is not in the failure', async () => {
    const body = JSON.stringify({
      error: { message: `bad key ${KEY} or sk-ant-api03-abcdefgh12345`, code: 'x' },
    });
    for (const vendor of ['openai', 'responses', 'anthropic'] as const) {
      const failure = await meet(vendor, { fault: 'http', status: 400, body });
      expect(failure.message).toContain('bad key [redacted]');
      expect(failure.message).not.toMatch(/abcdef/);
    }
  });

  test('a key that cannot stand in a header is a matter of the key and shown nowhere', async () => {
    const server = await modelForTest({ script: () => ({ text: 'x' }) });
    for (const vendor of ['openai', 'responses', 'anthropic'] as const) {
      const provider = providerAt(server, vendor);
      const adapter = await models.adapterFor(provider, 'sk-line\nbreak-abcdef');
      const failure = failed(await adapter.complete(requestFor(provider), patient()));
      expect(failure.kind).toBe('key');
      expect(JSON.stringify(failure)).not.toContain('break');
    }
    expect(server.requests).toHaveLength(0);
  });
});

describe('one repair', () => {
  test('the other name of the output limit is tried and kept', async () => {
    const server = await modelForTest({ script: () => ({ text: 'x' }), dialect: 'openrouter' });
    const provider = providerAt(server, 'openai', { model: 'some-model' });
    const adapter = await createModels().adapterFor(provider, KEY);
    for (const _time of [1, 2]) replied(await adapter.complete(requestFor(provider), patient()));
    expect(server.requests.map((request) => request.status)).toEqual([400, 200, 200]);
    expect(server.ledger).toHaveLength(2);
  });

  test('a newer model behind a custom address gets the newer name', async () => {
    const server = await modelForTest({ script: () => ({ text: 'x' }) });
    const provider = providerAt(server, 'custom', { model: 'gpt-5-mini' });
    const adapter = await createModels().adapterFor(provider, KEY);
    replied(await adapter.complete(requestFor(provider), patient()));
    expect(server.requests.map((request) => request.status)).toEqual([400, 200]);
  });

  test('an output limit that is too high is lowered to what the model allows', async () => {
    const message =
      'max_tokens is too large: 1000. This model supports at most 400 completion tokens, whereas you provided 1000.';
    const server = await modelForTest({
      script: () => ({ text: 'x' }),
      faults: [
        { times: 1, fault: { fault: 'http', status: 400, body: JSON.stringify({ error: { message } }) } },
      ],
    });
    const provider = providerAt(server, 'openai', { model: 'gpt-4' });
    const adapter = await createModels().adapterFor(provider, KEY);
    for (const _time of [1, 2]) replied(await adapter.complete(requestFor(provider), patient()));
    expect(server.requests.map((request) => request.body)).toMatchObject([
      { max_completion_tokens: 1_000 },
      { max_completion_tokens: 400 },
      { max_completion_tokens: 400 },
    ]);
  });

  test('a refused history is sent once more as plain text', async () => {
    const server = await modelForTest({
      script: () => ({ text: 'x' }),
      faults: [{ times: 1, fault: { fault: 'malformed_history' } }],
    });
    const provider = providerAt(server, 'anthropic');
    const adapter = await createModels().adapterFor(provider, KEY);
    const request = requestFor(provider, [
      { role: 'user', text: 'go' },
      { role: 'assistant', parts: [{ type: 'tool_call', id: 'a', name: 'bash', arguments: '{}' }] },
      { role: 'tool', callId: 'a', name: 'bash', output: 'the output', isError: false },
    ]);
    replied(await adapter.complete(request, patient()));
    const sent = JSON.stringify(server.requests[1]?.body);
    expect(sent).toContain('the output');
    expect(sent).not.toContain('tool_use');
  });

  test('refused thinking is left out', async () => {
    const body = JSON.stringify({
      type: 'error',
      error: {
        type: 'invalid_request_error',
        message: 'messages.1.content.0: Invalid `signature` in `thinking` block',
      },
    });
    const server = await modelForTest({
      script: () => ({ text: 'x' }),
      faults: [{ times: 1, fault: { fault: 'http', status: 400, body } }],
    });
    const provider = providerAt(server, 'anthropic');
    const adapter = await createModels().adapterFor(provider, KEY);
    const data = { type: 'thinking', thinking: 'hm', signature: 'sig' };
    const request = requestFor(provider, [
      { role: 'user', text: 'go' },
      {
        role: 'assistant',
        parts: [
          { type: 'thinking', vendor: thinkingVendor(provider), model: provider.model, data },
          { type: 'text', text: 'I see.' },
        ],
      },
      { role: 'user', text: 'and?' },
    ]);
    replied(await adapter.complete(request, patient()));
    expect(JSON.stringify(server.requests[0]?.body)).toContain('"signature":"sig"');
    expect(JSON.stringify(server.requests[1]?.body)).not.toContain('signature');
  });

  test('is not tried twice', async () => {
    const server = await modelForTest({
      script: () => ({ text: 'x' }),
      faults: [{ fault: { fault: 'malformed_history' } }],
    });
    const provider = providerAt(server, 'openai');
    const adapter = await createModels().adapterFor(provider, KEY);
    expect(failed(await adapter.complete(requestFor(provider), patient())).kind).toBe('malformed');
    expect(server.requests).toHaveLength(2);
  });
});

describe('an endpoint that does not stream', () => {
  test('gives its whole reply', async () => {
    const whole = {
      id: 'x',
      object: 'chat.completion',
      choices: [
        {
          index: 0,
          finish_reason: 'stop',
          message: {
            role: 'assistant',
            content: null,
            tool_calls: [
              { id: '', type: 'function', function: { name: 'bash', arguments: { command: 'ls' } } },
            ],
          },
        },
      ],
      usage: { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 },
    };
    const server = await modelForTest({
      script: () => ({
        fault: 'http',
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(whole),
      }),
    });
    const provider = providerAt(server, 'custom');
    const adapter = await models.adapterFor(provider, KEY);
    const reply = replied(await adapter.complete(requestFor(provider), patient()));
    expect(reply).toMatchObject({ stop: 'tool_calls', usage: { input: 10, output: 2 } });
    expect(reply.message.parts).toMatchObject([{ name: 'bash', arguments: '{"command":"ls"}' }]);
  });
});
