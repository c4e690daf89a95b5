import * as z from 'zod';
import type { AssistantMessage } from '../../factory/model/message.ts';
import type { Usage } from '../../factory/model/money/finance.ts';
import type { ModelReply } from '../../factory/ports.ts';
import { count, index, object, objects, text, words } from './doubt.ts';
import { type CallPiece, createCallCollector } from './openai-calls.ts';
import { besideCall, besideMessage, merge, namedIds, toldOnce } from './openai-opaque.ts';
import {
  billable,
  chargedOf,
  createCallIds,
  flatError,
  type StreamReader,
  type StreamState,
} from './reply.ts';

const message = z.object({
  content: words,
  refusal: text,
  tool_calls: objects,
  /** The older form of one call. */
  function_call: object,
});

const choice = z.object({
  delta: object,
  /** In a reply that was not streamed. */
  message: object,
  finish_reason: text,
  /** Moonshot counts here. */
  usage: object,
});

/** A chunk of a stream, and a whole reply: only what is read, and all of it doubted. */
const chunk = z.object({ choices: objects, usage: object });

const call = z.object({ index, id: text, name: text, arguments: z.unknown().optional(), function: object });
const called = z.object({ name: text, arguments: z.unknown().optional() });

/** How models of compatible servers say why they stopped, in lower case. What is not listed is an ordinary end. */
const STOP: Readonly<Record<string, ModelReply['stop'] | 'cut'>> = {
  stop: 'end',
  tool_calls: 'tool_calls',
  function_call: 'tool_calls',
  length: 'max_tokens',
  max_tokens: 'max_tokens',
  model_context_window_exceeded: 'context',
  context_length_exceeded: 'context',
  content_filter: 'refusal',
  refusal: 'refusal',
  safety: 'refusal',
  recitation: 'refusal',
  prohibited_content: 'refusal',
  blocklist: 'refusal',
  spii: 'refusal',
  sensitive: 'refusal',
  // A stream that the server, or its own provider, broke off.
  error: 'cut',
  abort: 'cut',
  network_error: 'cut',
  insufficient_system_resource: 'cut',
};

/** OpenAI counts the cached part into the prompt; here the buckets are apart. */
export function fromOpenaiUsage(usage: Record<string, unknown>): Usage {
  const prompt = count(usage.prompt_tokens);
  const details = object.parse(usage.prompt_tokens_details);
  // DeepSeek has a name of its own for the cached part.
  const cached = details?.cached_tokens ?? usage.prompt_cache_hit_tokens;
  const cacheRead = Math.min(prompt, count(cached));
  const cacheWrite = Math.min(prompt - cacheRead, count(details?.cache_write_tokens));
  // Some servers leave reasoning out of the completion but not out of the total, and bill the total.
  const output = Math.max(count(usage.completion_tokens), count(usage.total_tokens) - prompt);
  return { input: prompt - cacheRead - cacheWrite, cacheWrite, cacheRead, output };
}

/**
 * Reads `chat.completion.chunk` events, and a whole `chat.completion` of a server that does not stream.
 *
 * @param source whose thoughts and signatures they are; `undefined`: they are left out
 * @param charges whether its word counts on what it has charged
 */
export function createOpenaiReader(
  newId: () => string,
  source?: { vendor: string; model: string },
  charges = false,
): StreamReader {
  let said = '';
  let beside: Record<string, unknown> = {};
  const calls = createCallCollector();
  let refused = false;
  let finish: string | undefined;
  let answering = false;
  let error: unknown;
  let usage: Usage | undefined;
  let charged: number | undefined;
  let counted: 'to_here' | 'whole' = 'to_here';

  function addMessage(raw: Record<string, unknown>): void {
    const delta = message.parse(raw);
    said += delta.content;
    if (delta.refusal) {
      refused = true;
      said += delta.refusal;
    }
    beside = merge(beside, besideMessage(raw));
    calls.add(delta.tool_calls.map(toPiece));
    if (delta.function_call) calls.add([toPiece({ function: delta.function_call })]);
  }

  return {
    add(event) {
      error ??= flatError(event);
      const parsed = chunk.safeParse(event);
      if (!parsed.success) return;
      const first = choice.parse(parsed.data.choices[0] ?? {});
      const delta = first.delta ?? first.message;
      if (delta) {
        answering = true;
        addMessage(delta);
      }
      if (first.finish_reason) finish = first.finish_reason;
      const told = parsed.data.usage ?? first.usage;
      if (!told) return;
      usage = fromOpenaiUsage(told);
      if (charges) charged = chargedOf(told);
      // Some servers count in every chunk; after the last one nothing more is said.
      counted = finish !== undefined || first.message || error !== undefined ? 'whole' : 'to_here';
    },
    state(): StreamState {
      const parts: AssistantMessage['parts'] = [];
      const data = toldOnce(beside);
      if (source && data) parts.push({ type: 'thinking', ...source, data });
      if (said !== '') parts.push({ type: 'text', text: said });
      const callId = createCallIds(newId);
      const named = namedIds(beside);
      for (const made of calls.all()) {
        const fields = named.has(made.id) ? { ...made.beside, id: made.id } : made.beside;
        parts.push({
          type: 'tool_call',
          id: callId(made.id),
          name: made.name,
          arguments: made.arguments || '{}',
          ...(source && Object.keys(fields).length > 0 ? { opaque: { ...source, data: fields } } : {}),
        });
      }
      const reply: AssistantMessage = { role: 'assistant', parts };
      const stop = stopOf(finish, refused, calls.all().length > 0);
      const bill = usage && billable(usage, reply);
      return {
        message: reply,
        answering,
        ...(stop ? { stop } : {}),
        ...(bill ? { [counted === 'whole' ? 'usage' : 'running']: bill } : {}),
        ...(charged === undefined ? {} : { charged }),
        ...(error === undefined ? {} : { error }),
      };
    },
  };
}

function toPiece(raw: Record<string, unknown>): CallPiece {
  const outer = call.parse(raw);
  const inner = called.parse(outer.function ?? outer);
  const beside = besideCall(raw);
  return {
    index: outer.index,
    id: outer.id ?? '',
    name: inner.name ?? '',
    arguments: inner.arguments,
    beside,
  };
}

function stopOf(
  finish: string | undefined,
  refused: boolean,
  called: boolean,
): ModelReply['stop'] | undefined {
  if (finish === undefined) return undefined;
  // Google adds what it was: `content_filter: RECITATION`.
  const stop = STOP[finish.toLowerCase().split(':')[0]?.trim() ?? ''] ?? 'end';
  if (stop === 'cut') return undefined;
  if (refused) return 'refusal';
  return stop === 'end' && called ? 'tool_calls' : stop;
}
