import { describe, expect, it } from 'vitest';
import { createAsker } from '../../src/pages/data/asker.ts';
import { until } from '../support/until.ts';

/** Requests that are answered by hand, in their order. */
function server() {
  const requests: { signal: AbortSignal; answer(what: string): void }[] = [];
  const found: string[] = [];
  const failed: unknown[] = [];
  return {
    ...{ requests, found, failed },
    options: {
      load: (signal: AbortSignal) =>
        new Promise<string>((resolve, reject) => {
          requests.push({ signal, answer: resolve });
          signal.addEventListener('abort', () => reject(signal.reason));
        }),
      onFound: (what: string) => found.push(what),
      onFailed: (error: unknown) => failed.push(error),
    },
  };
}

describe('a document that is asked for again and again', () => {
  it('is answered however often it is asked for meanwhile, and asked for once more after that', async () => {
    const { requests, found, failed, options } = server();
    const asker = createAsker(options);
    for (let times = 0; times < 5; times += 1) asker.ask();
    expect(requests.map(({ signal }) => signal.aborted)).toEqual([false]);
    requests[0]?.answer('old');
    await until(() => requests.length === 2);
    expect(found).toEqual(['old']);
    requests[1]?.answer('new');
    await until(() => found.length === 2);
    asker.ask();
    expect(requests).toHaveLength(3);
    expect(failed).toEqual([]);
    asker.stop();
  });

  it('is told of no more once nobody wants it', async () => {
    const { requests, found, failed, options } = server();
    const asker = createAsker(options);
    asker.ask();
    asker.ask();
    asker.stop();
    expect(requests[0]?.signal.aborted).toBe(true);
    await new Promise(setImmediate);
    expect([requests.length, found, failed]).toEqual([1, [], []]);
  });

  it('is asked for anew where an answer never comes', async () => {
    const { requests, failed, options } = server();
    const asker = createAsker({ ...options, longestMs: 5 });
    asker.ask();
    asker.ask();
    await until(() => failed.length === 2);
    expect(requests.map(({ signal }) => signal.aborted)).toEqual([true, true]);
    asker.ask();
    expect(requests).toHaveLength(3);
    asker.stop();
  });
});
