import { describe, expect, test } from 'vitest';
import type { ModelFailure } from '../../src/factory/ports.ts';
import type { Fetch } from '../../src/llm/call.ts';
import { createModels } from '../../src/llm/models.ts';
import { modelForTest } from '../support/model.ts';
import { failed, KEY, patient, providerAt, requestFor, type TestVendor, VENDORS } from './support.ts';

/** How a call ends by one of the SDKs whose way to the network is this one. */
async function meet(vendor: TestVendor, fetch: Fetch, url = 'http://127.0.0.1:9'): Promise<ModelFailure> {
  const provider = providerAt({ url }, vendor);
  const adapter = await createModels({ fetch }).adapterFor(provider, KEY);
  return failed(await adapter.complete(requestFor(provider), patient()));
}

/** What a system call that failed looks like in Node. */
const systemError = (syscall: string, code: string): Error =>
  Object.assign(new Error(`${syscall} ${code}`), { errno: -110, code, syscall });

/** What Node's HTTP client rejects with when there is no answer. */
const failing = (cause: Error) => async (): Promise<Response> => {
  throw new TypeError('fetch failed', { cause });
};

const swallowed = Object.assign(
  new Error('Connect Timeout Error (attempted address: 10.0.0.1:443, timeout: 10000ms)'),
  { name: 'ConnectTimeoutError', code: 'UND_ERR_CONNECT_TIMEOUT' },
);
const allSwallowed = Object.assign(new AggregateError([systemError('connect', 'ETIMEDOUT')]), {
  code: 'ETIMEDOUT',
});

/** A reply of which a part has come when its connection fails. */
const failingInReply =
  (cause: Error): Fetch =>
  async (input, init) => {
    const response = await fetch(input, init);
    const cut = new TransformStream<Uint8Array, Uint8Array>({
      flush() {
        throw new TypeError('terminated', { cause });
      },
    });
    return new Response(response.body?.pipeThrough(cut), response);
  };

const badRecord = Object.assign(new Error('decryption failed or bad record mac'), {
  code: 'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC',
});

describe.each(VENDORS)('of %s', (vendor) => {
  test.each([
    ['UND_ERR_CONNECT_TIMEOUT', swallowed],
    ['ETIMEDOUT', systemError('connect', 'ETIMEDOUT')],
    ['ETIMEDOUT', allSwallowed],
  ])('A139 lost-connection: one that was never made in time (%s) costs nothing', async (code, cause) => {
    const failure = await meet(vendor, failing(cause));
    expect(failure).toMatchObject({ kind: 'outage', code, perhapsBilled: false });
    expect(failure.message).toContain('the host does not answer');
  });

  test.each(['ETIMEDOUT', 'EHOSTUNREACH'])(
    'a connection that is lost (%s) after the request was sent may be on the bill',
    async (code) => {
      const failure = await meet(vendor, failing(systemError('read', code)));
      expect(failure).toMatchObject({ kind: 'outage', code, perhapsBilled: true });
    },
  );

  test.each([
    ['ETIMEDOUT', systemError('read', 'ETIMEDOUT')],
    ['ENETUNREACH', Object.assign(new Error('no way'), { code: 'ENETUNREACH' })],
    ['ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC', badRecord],
  ])('a reply whose connection is lost in its midst (%s) may be on the bill', async (code, cause) => {
    const server = await modelForTest({
      script: () => ({ text: 'a rather long answer '.repeat(20) }),
      faults: [{ fault: { fault: 'cut', afterEvents: 3, orderly: true } }],
    });
    const failure = await meet(vendor, failingInReply(cause), server.url);
    expect(failure).toMatchObject({ kind: 'outage', code, perhapsBilled: true });
  });
});
