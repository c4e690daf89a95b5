import { describe, expect, test } from 'vitest';
import type { ModelReply } from '../../../src/factory/ports.ts';
import { createModels } from '../../../src/llm/models.ts';
import { renderAnthropic } from '../../support/model-server/formats/anthropic-format.ts';
import type { RenderRequest } from '../../support/model-server/formats/format.ts';
import { renderOpenai } from '../../support/model-server/formats/openai-format.ts';
import { renderResponses } from '../../support/model-server/formats/responses-render.ts';
import type { Answer } from '../../support/model-server/script.ts';
import { createSeal } from '../../support/model-server/sealed-reasoning.ts';
import { failed, KEY, patient, providerAt, replied, requestFor } from '../support.ts';

const VENDORS = ['openai', 'responses', 'anthropic'] as const;
type Vendor = (typeof VENDORS)[number];

const USAGE = { input: 11, cacheWrite: 0, cacheRead: 3, output: 5 };
const ANSWER: Answer = {
  text: 'Grüße 👩‍👩‍👧 „€“\n\ndata: {"x":1}',
  toolCalls: [
    { name: 'bash', arguments: { command: 'echo "ä\\n👋" && printf \'}{\'' } },
    { name: 'write_file', arguments: { path: 'ö.txt', content: '\u0000\u2028 end' } },
  ],
};

function counter(): () => string {
  let number = 0;
  return () => {
    number += 1;
    return String(number);
  };
}

function events(vendor: Vendor, answer: Answer): string[] {
  const newId = counter();
  const request: RenderRequest = {
    answer,
    usage: USAGE,
    model: 'm',
    includeUsage: true,
    newId: (prefix) => `${prefix}${newId().padStart(20, '0')}`,
    createdSeconds: 0,
  };
  const render = { openai: renderOpenai, responses: renderResponses, anthropic: renderAnthropic };
  return render[vendor]({ ...request, body: {}, owner: '', seal: createSeal() }).events;
}

/**
 * Reads what a network gives that sends these bytes, in these pieces; `broken`: the connection is reset after them. One adapter
 * reads one after the other, as a worker's does.
 */
function reader(vendor: Vendor) {
  let network = new ReadableStream<Uint8Array>();
  const provider = providerAt({ url: 'http://127.0.0.1' }, vendor);
  const models = createModels({
    fetch: async () => new Response(network, { headers: { 'content-type': 'text/event-stream' } }),
  });
  return async (pieces: readonly Uint8Array[], broken = false) => {
    network = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const piece of pieces) controller.enqueue(piece);
        if (broken) controller.error(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
        else controller.close();
      },
    });
    const adapter = await models.adapterFor(provider, KEY);
    return adapter.complete(requestFor(provider), patient());
  };
}

function expectWhole(reply: ModelReply): void {
  expect(reply.usage).toEqual(USAGE);
  expect(reply.stop).toBe('tool_calls');
  expect(reply.message.parts[0]).toEqual({ type: 'text', text: ANSWER.text });
  const calls = reply.message.parts.slice(1);
  expect(calls.map((part) => part.type === 'tool_call' && [part.name, JSON.parse(part.arguments)])).toEqual(
    ANSWER.toolCalls?.map((made) => [made.name, made.arguments]),
  );
}

describe.each(VENDORS)('a stream of %s', (vendor) => {
  const bytes = Buffer.from(events(vendor, ANSWER).join(''));
  const read = reader(vendor);

  test('is the same reply wherever it is split in two', async () => {
    // Several splits at a time cover every boundary in a fraction of the runs.
    const splits = 100;
    for (let at = 0; at < bytes.length; at += splits) {
      const single = Array.from(bytes.subarray(at, at + splits), (byte) => Uint8Array.of(byte));
      const pieces = [bytes.subarray(0, at), ...single, bytes.subarray(at + splits)];
      expectWhole(replied(await read(pieces)));
    }
  });

  test('is the same reply in pieces of one byte, and with the line ends of Windows', async () => {
    const single = Array.from(bytes, (byte) => Uint8Array.of(byte));
    expectWhole(replied(await read(single)));
    const windows = Buffer.from(events(vendor, ANSWER).join('').replaceAll('\n', '\r\n'));
    expectWhole(replied(await read([windows])));
  });

  test('is a whole reply or a failure wherever it ends, and never a part of one', async () => {
    const all = events(vendor, ANSWER);
    for (let count = 0; count <= all.length; count += 1) {
      for (const broken of [false, true]) {
        const outcome = await read([Buffer.from(all.slice(0, count).join(''))], broken);
        if (outcome.ok) {
          expect(outcome.message.parts).toHaveLength(3);
          expect(outcome.usage.output).toBeGreaterThan(0);
          expect(count).toBeGreaterThan(all.length - 4);
        } else {
          expect(outcome).toMatchObject({ kind: 'outage', perhapsBilled: true });
        }
      }
    }
  });

  test('with something in it that is no JSON is an outage', async () => {
    const broken = `${vendor === 'anthropic' ? 'event: message_start\n' : ''}data: {"oops\n\n`;
    expect(failed(await read([Buffer.from(broken)]))).toMatchObject({
      kind: 'outage',
      code: 'broken_stream',
      perhapsBilled: true,
    });
  });

  test('with comments and pings between its events is read', async () => {
    const all = events(vendor, ANSWER).map((event) => `: keep-alive\n\n${event}`);
    expectWhole(replied(await read([Buffer.from(all.join(''))])));
  });
});

test('a model that says that it thinks may be silent for longer than one that speaks', async () => {
  const event = (fields: Record<string, unknown>) => `data: ${JSON.stringify(fields)}\n\n`;
  const open = (item: Record<string, unknown>) =>
    event({ type: 'response.output_item.added', output_index: 0, item });
  const begun = event({ type: 'response.in_progress', response: { status: 'in_progress' } });
  const end = events('responses', ANSWER).at(-1);
  const silentAfter = async (first: string, model = 'gpt-5.1') => {
    const fetch: typeof globalThis.fetch = async (_input, init) => {
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          const rest = setTimeout(() => {
            controller.enqueue(Buffer.from(String(end)));
            controller.close();
          }, 400);
          init?.signal?.addEventListener('abort', () => {
            clearTimeout(rest);
            controller.error(init.signal?.reason);
          });
          controller.enqueue(Buffer.from(first));
        },
      });
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
    };
    const provider = providerAt({ url: 'http://127.0.0.1' }, 'responses', { model });
    const adapter = await createModels({ fetch }).adapterFor(provider, KEY);
    return adapter.complete(requestFor(provider), patient({ idleTimeoutMs: 200 }));
  };
  const [speaks, thinks, mayThink, neverThinks] = await Promise.all([
    silentAfter(open({ type: 'message', id: 'msg_1' })),
    silentAfter(open({ type: 'reasoning', id: 'rs_1' })),
    silentAfter(begun),
    silentAfter(begun, 'gpt-4.1'),
  ]);
  expect(failed(speaks).code).toBe('idle_timeout');
  expectWhole(replied(thinks));
  // Before its first item one that always thinks is at it as well.
  expectWhole(replied(mayThink));
  expect(failed(neverThinks).code).toBe('idle_timeout');
});

test.each([
  ['openai', 'Unrecognized request argument supplied: stream_options'],
  ['responses', 'Encrypted content is not supported with this model.'],
] as const)(
  'a stream of %s that ends in a refusal after words is paid for and not sent a second time, one that is nothing else costs nothing',
  async (vendor, message) => {
    const error = `data: ${JSON.stringify({ error: { message, type: 'invalid_request_error' } })}\n\n`;
    const sent = async (before: readonly string[]) => {
      let requests = 0;
      const fetch = async () => {
        requests += 1;
        const body = [...before, error].join('');
        return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
      };
      const provider = providerAt({ url: 'http://127.0.0.1' }, vendor);
      const adapter = await createModels({ fetch }).adapterFor(provider, KEY);
      const { perhapsBilled } = failed(await adapter.complete(requestFor(provider), patient()));
      return [requests, perhapsBilled];
    };
    expect(await sent(events(vendor, ANSWER).slice(0, 8))).toEqual([1, true]);
    expect(await sent([])).toEqual([2, false]);
  },
);
