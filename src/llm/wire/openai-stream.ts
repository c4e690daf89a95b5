import type { AssistantMessage } from '../../factory/agent/message.ts';
import type { Usage } from '../../factory/finance/finance.ts';
import type { ModelReply } from '../../factory/ports.ts';
import { count, createCallIds, type StreamReader, type StreamState } from './reply.ts';

/** A chunk of a stream, and the one choice of a whole reply: only what is read, and all of it doubted. */
export interface OpenaiChunk {
  choices?: OpenaiChoice[] | null;
  usage?: OpenaiUsage | null;
}

interface OpenaiChoice {
  delta?: OpenaiDelta | null;
  /** In a reply that was not streamed. */
  message?: OpenaiDelta | null;
  finish_reason?: string | null;
}

interface OpenaiDelta {
  content?: string | null;
  refusal?: string | null;
  reasoning_content?: string | null;
  reasoning?: string | null;
  reasoning_details?: unknown;
  tool_calls?: OpenaiCallDelta[] | null;
}

interface OpenaiCallDelta {
  index?: number | null;
  id?: string | null;
  function?: { name?: string | null; arguments?: unknown } | null;
}

export interface OpenaiUsage {
  prompt_tokens?: number | null;
  completion_tokens?: number | null;
  total_tokens?: number | null;
  prompt_tokens_details?: { cached_tokens?: number | null; cache_write_tokens?: number | null } | null;
  /** DeepSeek's name for the cached part. */
  prompt_cache_hit_tokens?: number | null;
}

interface OpenCall {
  index: number | undefined;
  id: string;
  name: string;
  arguments: string;
}

const STOP: Record<string, ModelReply['stop']> = {
  stop: 'end',
  tool_calls: 'tool_calls',
  function_call: 'tool_calls',
  length: 'max_tokens',
  content_filter: 'refusal',
};

/** OpenAI counts the cached part into the prompt; here the buckets are apart. */
export function fromOpenaiUsage(usage: OpenaiUsage): Usage {
  const prompt = count(usage.prompt_tokens);
  const cached = usage.prompt_tokens_details?.cached_tokens ?? usage.prompt_cache_hit_tokens;
  const cacheRead = Math.min(prompt, count(cached));
  const cacheWrite = Math.min(prompt - cacheRead, count(usage.prompt_tokens_details?.cache_write_tokens));
  // Some servers leave reasoning out of the completion but not out of the total, and bill the total.
  const output = Math.max(count(usage.completion_tokens), count(usage.total_tokens) - prompt);
  return { input: prompt - cacheRead - cacheWrite, cacheWrite, cacheRead, output };
}

/**
 * Reads `chat.completion.chunk` events, and a whole `chat.completion` of a server that does not stream.
 *
 * @param thinking where the reasoning of compatible servers belongs; `undefined`: it is left out
 */
export function createOpenaiReader(
  newId: () => string,
  thinking?: { vendor: string; model: string },
): StreamReader<OpenaiChunk> {
  let text = '';
  let reasoning = '';
  const details: unknown[] = [];
  const calls: OpenCall[] = [];
  let refused = false;
  let finish: string | undefined;
  let usage: Usage | undefined;

  function addDelta(delta: OpenaiDelta): void {
    text += delta.content ?? '';
    if (delta.refusal) {
      refused = true;
      text += delta.refusal;
    }
    reasoning += delta.reasoning_content ?? '';
    if (Array.isArray(delta.reasoning_details)) details.push(...delta.reasoning_details);
    for (const call of delta.tool_calls ?? []) addCall(calls, call);
  }

  return {
    add(chunk) {
      const choice = chunk.choices?.[0];
      const delta = choice?.delta ?? choice?.message;
      if (delta) addDelta(delta);
      if (choice?.finish_reason) finish = choice.finish_reason;
      if (chunk.usage) usage = fromOpenaiUsage(chunk.usage);
    },
    state(): StreamState {
      const parts: AssistantMessage['parts'] = [];
      const data = reasoningData(reasoning, details);
      if (thinking && data) parts.push({ type: 'thinking', ...thinking, data });
      if (text !== '') parts.push({ type: 'text', text });
      const callId = createCallIds(newId);
      for (const call of calls) {
        parts.push({
          type: 'tool_call',
          id: callId(call.id),
          name: call.name,
          arguments: call.arguments || '{}',
        });
      }
      const stop = stopOf(finish, refused, calls.length > 0);
      return {
        message: { role: 'assistant', parts },
        ...(stop ? { stop } : {}),
        ...(usage ? { usage } : {}),
      };
    },
  };
}

/** Details are the fuller form: a server that sends both wants them back. */
function reasoningData(reasoning: string, details: readonly unknown[]): Record<string, unknown> | undefined {
  if (details.length > 0) return { reasoning_details: details };
  return reasoning === '' ? undefined : { reasoning_content: reasoning };
}

function stopOf(
  finish: string | undefined,
  refused: boolean,
  called: boolean,
): ModelReply['stop'] | undefined {
  // `error` is how OpenRouter ends a stream that its own provider broke off.
  if (finish === undefined || finish === 'error') return undefined;
  if (refused) return 'refusal';
  const stop = STOP[finish] ?? 'end';
  return stop === 'end' && called ? 'tool_calls' : stop;
}

/** Adds a piece of a call. Some servers send no index, or the same index with a new id for the next call. */
function addCall(calls: OpenCall[], piece: OpenaiCallDelta): void {
  const id = piece.id ?? '';
  const index = piece.index ?? undefined;
  const last = calls.at(-1);
  let open = index === undefined ? last : calls.findLast((call) => call.index === index);
  if (open && id !== '' && open.id !== '' && open.id !== id) open = undefined;
  if (index === undefined && id === '' && piece.function?.name && last?.name) open = undefined;
  if (!open) {
    open = { index, id: '', name: '', arguments: '' };
    calls.push(open);
  }
  open.id = open.id || id;
  const name = piece.function?.name ?? '';
  if (open.name !== name) open.name += name;
  const args = piece.function?.arguments;
  if (typeof args === 'string') open.arguments += args;
  else if (typeof args === 'object' && args !== null) open.arguments = JSON.stringify(args);
}
