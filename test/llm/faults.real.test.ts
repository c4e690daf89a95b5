import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ModelFailure } from '../../src/factory/ports.ts';
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
  test.each(ROWS)('of %s: %o is %o', async (vendor, fault, expected) => {
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
