import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createModels } from '../../src/llm/models.ts';
import { KEY, patient, providerAt, replied, requestFor } from './support.ts';

const EVENTS = [
  { choices: [{ index: 0, delta: { content: 'ready' } }] },
  {
    choices: [{ index: 0, delta: {}, finish_reason: 'stop' }],
    usage: { prompt_tokens: 3, completion_tokens: 1 },
  },
];
const STREAM = `${EVENTS.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')}data: [DONE]\n\n`;
const HEAD = { 'content-type': 'text/event-stream' };

/** Limits that are Node's own, at a hundredth of their five minutes: they stand behind whatever asks for others. */
function withShortLimits(): void {
  const name = Symbol.for('undici.globalDispatcher.1');
  void Response;
  const usual = Reflect.get(globalThis, name);
  Reflect.set(globalThis, name, {
    dispatch: (options: object, handler: unknown) =>
      usual.dispatch({ headersTimeout: 100, bodyTimeout: 100, ...options }, handler),
  });
  onTestFinished(() => void Reflect.set(globalThis, name, usual));
}

async function serve(answer: (response: ServerResponse, path: string) => void): Promise<string> {
  const server: Server = createServer((request, response) => {
    request.resume().on('end', () => answer(response, request.url ?? ''));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () => new Promise<void>((resolve) => void server.close(() => resolve()).closeAllConnections()),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test.each([
  ['before its first byte', false],
  ['in the midst of its reply', true],
])(
  "a model that is silent %s for longer than Node's fetch waits is heard to the end",
  async (_when, begun) => {
    withShortLimits();
    let heard: (response: ServerResponse) => void;
    const asked = new Promise<ServerResponse>((resolve) => {
      heard = resolve;
    });
    const url = await serve((response, path) => {
      if (begun) response.writeHead(200, HEAD).write(': here\n\n');
      if (path !== '/plain') heard(response);
    });
    const provider = providerAt({ url }, 'custom');
    const adapter = await createModels().adapterFor(provider, KEY);
    const reply = adapter.complete(requestFor(provider), patient());
    const response = await asked;
    // It was asked later, and Node's limits have cut it already.
    await expect(fetch(`${url}/plain`).then((plain) => plain.text())).rejects.toThrow();
    if (!begun) response.writeHead(200, HEAD);
    response.end(STREAM);
    expect(replied(await reply).message.parts).toEqual([{ type: 'text', text: 'ready' }]);
  },
);
