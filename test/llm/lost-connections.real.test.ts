import { describe, expect, test } from 'vitest';
import type { ModelFailure } from '../../src/factory/ports.ts';
import type { Fetch } from '../../src/llm/call.ts';
import { createModels } from '../../src/llm/models.ts';
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

describe.each(VENDORS)('of %s', (vendor) => {
  test.each([
    ['UND_ERR_CONNECT_TIMEOUT', swallowed],
    ['ETIMEDOUT', systemError('connect', 'ETIMEDOUT')],
    ['ETIMEDOUT', allSwallowed],
  ])('a connection that was never made in time (%s) costs nothing', async (code, cause) => {
    const failure = await meet(vendor, failing(cause));
    expect(failure).toMatchObject({ kind: 'outage', code, perhapsBilled: false });
    expect(failure.message).toContain('the host does not answer');
  });
});
