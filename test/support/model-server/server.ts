import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createEngine, ownerOf } from './engine.ts';
import { parseAnthropic } from './formats/anthropic-format.ts';
import { asObject, asText, type Json, type ParsedRequest } from './formats/format.ts';
import { parseOpenai } from './formats/openai-format.ts';
import { parseResponses } from './formats/responses-format.ts';
import type { RequestRecord, WireFormat } from './record.ts';
import type { ScriptedModel, ScriptedModelOptions } from './script.ts';
import { createSeal } from './sealed-reasoning.ts';

const LARGEST_BODY = 64 * 1024 * 1024;

const FORMAT_OF_PATH: Record<string, WireFormat> = {
  '/v1/chat/completions': 'openai',
  '/chat/completions': 'openai',
  '/openai/v1/chat/completions': 'openai',
  '/v1/responses': 'responses',
  '/responses': 'responses',
  '/openai/v1/responses': 'responses',
  '/v1/messages': 'anthropic',
};

/**
 * A model server on loopback in which only the model is scripted: the wire formats, streaming, prompt caching, billing,
 * limits and refusals are those of the vendors.
 *
 * Throws only when the port cannot be opened.
 */
export async function startScriptedModel(options: ScriptedModelOptions): Promise<ScriptedModel> {
  const now = options.now ?? Date.now;
  const requests: RequestRecord[] = [];
  const seal = createSeal();
  const engine = createEngine(options, seal, now);

  function parse(format: WireFormat, body: Json, key: string): ParsedRequest {
    if (format === 'anthropic') return parseAnthropic(body, options);
    if (format === 'responses') return parseResponses(body, ownerOf(key, asText(body.model)), seal);
    return parseOpenai(body, options.dialect ?? 'openai');
  }

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const format = FORMAT_OF_PATH[new URL(incoming.url ?? '/', 'http://loopback').pathname];
    const text = await readBody(incoming);
    if (!format || options.without?.includes(format) || incoming.method !== 'POST' || text === null) {
      response.writeHead(404, { 'content-type': 'application/json' });
      response.end(
        '{"error":{"message":"Unknown request URL","type":"invalid_request_error","code":"unknown_url"}}',
      );
      return;
    }
    const body = parseBody(text);
    const parsed = parse(format, body, keyOf(incoming));
    const record: RequestRecord = {
      index: requests.length,
      at: now(),
      format,
      key: keyOf(incoming),
      model: parsed.model,
      stream: parsed.stream,
      conversationKey: conversationKeyOf(parsed),
      status: 0,
      body,
    };
    requests.push(record);
    const forget = requests[record.index - (options.keepBodies ?? 200)];
    if (forget) delete forget.body;
    await engine.reply(record, parsed, body, response);
  }

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch((problem: unknown) => {
      // With nobody there any more nothing can be shown; else it is a bug of the script and its author sees it.
      if (response.destroyed) return;
      if (response.headersSent) return void response.destroy();
      response.writeHead(500, { 'content-type': 'text/plain' });
      response.end(`The script failed: ${problem instanceof Error ? problem.stack : String(problem)}`);
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    ledger: engine.ledger,
    billed: (key) =>
      engine.ledger
        .filter((entry) => key === undefined || entry.key === key)
        .reduce((sum, entry) => sum + entry.usd, 0),
    setFaults: (rules) => engine.setFaults(rules, requests.length),
    setScript: engine.setScript,
    topUp: engine.topUp,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function readBody(incoming: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_BODY) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseBody(text: string): Json {
  try {
    return asObject(JSON.parse(text));
  } catch (problem) {
    if (problem instanceof SyntaxError) return {};
    throw problem;
  }
}

function keyOf(incoming: IncomingMessage): string {
  const direct = incoming.headers['x-api-key'];
  if (typeof direct === 'string') return direct;
  return (incoming.headers.authorization ?? '').replace(/^Bearer\s+/i, '');
}

function conversationKeyOf(parsed: ParsedRequest): string {
  const first = parsed.conversation.find((message) => message.role === 'user')?.text ?? '';
  return createHash('sha1').update(parsed.system).update('\0').update(first).digest('hex').slice(0, 16);
}
