import { describe, expect, test } from 'vitest';
import type { ModelReply } from '../../../src/factory/ports.ts';
import { createModels } from '../../../src/llm/models.ts';
import { failed, KEY, patient, providerAt, replied, requestFor } from '../support.ts';

type Chunk = Record<string, unknown>;

const chunk = (delta: Chunk, usage?: Chunk, finish_reason: string | null = null): Chunk => ({
  choices: [{ index: 0, delta, finish_reason }],
  ...(usage === undefined ? {} : { usage }),
});
const counted = (prompt_tokens: number, completion_tokens: number) => ({ prompt_tokens, completion_tokens });

/** What becomes of a call whose stream holds these chunks and ends, or breaks, then. */
async function outcomeOf(chunks: readonly Chunk[], breaks = false) {
  const text = chunks.map((each) => `data: ${JSON.stringify(each)}\n\n`).join('');
  const body = new ReadableStream({
    start(stream) {
      stream.enqueue(new TextEncoder().encode(text));
      if (!breaks) stream.close();
    },
    pull(stream) {
      stream.error(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' }));
    },
  });
  const fetch = async () => new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  const provider = providerAt({ url: 'http://127.0.0.1' }, 'custom');
  const adapter = await createModels({ fetch }).adapterFor(provider, KEY);
  return adapter.complete(requestFor(provider), patient());
}
const usageOf = ({ usage }: ModelReply) => usage;

describe('a count that a server tells with every chunk', () => {
  const thinks = chunk({ reasoning_content: 'Hm' }, counted(60_000, 0));

  test.each([
    ['is lost while the model thinks', [thinks], true],
    ['ends while the model thinks', [thinks], false],
    ['is lost while the model speaks', [chunk({ content: 'hel' }, counted(60_000, 1))], true],
    ['is lost before it says anything', [{ choices: [], usage: counted(60_000, 0) }], true],
  ])('A20 is not what the call has cost when the stream %s', async (_, chunks, breaks) => {
    const failure = failed(await outcomeOf(chunks, breaks));
    expect(failure).toMatchObject({ kind: 'outage', perhapsBilled: true });
    expect(failure).not.toHaveProperty('usage');
  });

  test('is the least that a whole reply has cost whose last count is missing', async () => {
    const said = 'Some more words than one token holds. '.repeat(20);
    const end = chunk({}, undefined, 'stop');
    const few = replied(await outcomeOf([chunk({ content: said }, counted(60_000, 1)), end]));
    expect(usageOf(few)).toMatchObject({ input: 60_000, output: expect.toSatisfy((n) => n > 100) });
    const many = replied(await outcomeOf([chunk({ content: said }, counted(2, 900)), end]));
    expect(usageOf(many)).toMatchObject({ input: expect.toSatisfy((n) => n > 10), output: 900 });
  });

  test.each([
    [
      'with the end of the reply',
      [chunk({ content: 'hi' }, counted(60_000, 0)), chunk({}, counted(60_000, 70), 'stop')],
    ],
    [
      'after it',
      [
        chunk({ content: 'hi' }, counted(60_000, 0)),
        chunk({}, undefined, 'stop'),
        { choices: [], usage: counted(60_000, 70) },
      ],
    ],
  ])('is what it has cost where it comes %s', async (_, chunks) => {
    const known = { input: 60_000, output: 70, cacheRead: 0, cacheWrite: 0 };
    expect(usageOf(replied(await outcomeOf(chunks)))).toEqual(known);
    expect(usageOf(replied(await outcomeOf(chunks, true)))).toEqual(known);
  });

  test('is what a call has cost that the server itself broke off', async () => {
    const failure = failed(
      await outcomeOf([chunk({ content: 'hi' }), chunk({}, counted(60_000, 70), 'error')]),
    );
    expect(failure).toMatchObject({ perhapsBilled: true, usage: { input: 60_000, output: 70 } });
  });
});
