import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as bodyText } from 'node:stream/consumers';
import * as z from 'zod';
import { sleepUnless } from '../../../../lib/async/sleep.ts';
import { newUuid } from '../../../../lib/ids.ts';

/** USD per million tokens. */
export const PRICES = { input: 1, output: 2 };
/** A rough count, as of English words and code. */
const CHARS_PER_TOKEN = 4;
const PIECE_CHARS = 60;

/** What is read of a request to `/v1/chat/completions`. */
const chatRequest = z.object({
  model: z.string(),
  messages: z.array(
    z.object({
      role: z.string(),
      content: z.string().nullish(),
      tool_calls: z.array(z.object({ id: z.string(), function: z.object({ name: z.string() }) })).optional(),
      tool_call_id: z.string().optional(),
    }),
  ),
});

/** What a script sees of the conversation. */
export interface DemoTurn {
  /** Replies of the model so far: the same request sent again, by whichever worker, is the same step. */
  step: number;
  /** The newest words of the user. */
  asked: string;
  /** The output of the first call of `add_tasks`, which names the tasks' ids. Empty before it. */
  added: string;
}

export interface DemoReply {
  text?: string;
  calls?: readonly { name: string; arguments: object }[];
}

export interface DemoModel {
  /** Base URL for OpenAI-compatible clients. */
  url: string;
  /** USD for all that was answered. */
  billed(): number;
  close(): Promise<void>;
}

/**
 * A model server on loopback in which only the model is scripted: it takes and streams what an OpenAI-compatible endpoint
 * does, counts tokens and keeps its own bill.
 *
 * @param thinkMs milliseconds before each answer, so that a person can follow
 */
export async function startDemoModel(
  script: (turn: DemoTurn) => DemoReply,
  thinkMs: number,
): Promise<DemoModel> {
  let usd = 0;
  const closing = new AbortController();
  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyText(incoming);
    const { model, messages } = chatRequest.parse(JSON.parse(body));
    const calls = messages.flatMap(({ tool_calls = [] }) => tool_calls);
    const adding = calls.find((call) => call.function.name === 'add_tasks');
    await sleepUnless(thinkMs, closing.signal);
    const reply = script({
      step: messages.filter(({ role }) => role === 'assistant').length,
      asked: messages.findLast(({ role }) => role === 'user')?.content ?? '',
      added:
        adding === undefined
          ? ''
          : (messages.find(({ tool_call_id }) => tool_call_id === adding.id)?.content ?? ''),
    });
    const usage = {
      prompt_tokens: Math.ceil(body.length / CHARS_PER_TOKEN),
      completion_tokens: Math.max(1, Math.ceil(JSON.stringify(reply).length / CHARS_PER_TOKEN)),
    };
    usd += (usage.prompt_tokens * PRICES.input + usage.completion_tokens * PRICES.output) / 1e6;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const chunk of chunksOf(reply, usage)) {
      const head = { id: 'chatcmpl-demo', object: 'chat.completion.chunk', created: 0, model };
      response.write(`data: ${JSON.stringify({ ...head, ...chunk })}\n\n`);
    }
    response.end('data: [DONE]\n\n');
  }
  const server = createServer((incoming, response) => {
    answer(incoming, response).catch((problem: unknown) => {
      if (response.headersSent) return void response.destroy();
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { message: String(problem), type: 'invalid_request_error' } }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    billed: () => usd,
    async close() {
      closing.abort();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The chunks of a stream of chat completions, without what is the same in all of them. */
function* chunksOf({ text = '', calls = [] }: DemoReply, usage: object): Generator<object> {
  const chunk = (delta: object, finish_reason: string | null = null) => ({
    choices: [{ index: 0, delta, finish_reason }],
  });
  yield chunk({ role: 'assistant', content: '' });
  for (const piece of piecesOf(text)) yield chunk({ content: piece });
  for (const [index, call] of calls.entries()) {
    const id = `call_${newUuid()}`;
    yield chunk({
      tool_calls: [{ index, id, type: 'function', function: { name: call.name, arguments: '' } }],
    });
    for (const piece of piecesOf(JSON.stringify(call.arguments)))
      yield chunk({ tool_calls: [{ index, function: { arguments: piece } }] });
  }
  yield chunk({}, calls.length > 0 ? 'tool_calls' : 'stop');
  yield { choices: [], usage };
}

function piecesOf(text: string): string[] {
  return [...text.matchAll(new RegExp(`.{1,${PIECE_CHARS}}`, 'gsu'))].map(([piece]) => piece);
}
