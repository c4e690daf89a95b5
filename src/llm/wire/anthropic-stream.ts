import * as z from 'zod';
import type { AssistantMessage } from '../../factory/agent/message.ts';
import type { Usage } from '../../factory/finance/finance.ts';
import type { ModelReply } from '../../factory/ports.ts';
import { count, index, isObject, object, text } from './doubt.ts';
import { billable, createCallIds, type StreamReader, type StreamState } from './reply.ts';

type Json = Record<string, unknown>;

/** An event of a stream: only what is read, and all of it doubted. */
const event = z.object({
  type: text,
  message: object,
  index,
  content_block: object,
  delta: object,
  usage: object,
});

const blockDelta = z.object({ text, partial_json: text, thinking: text, signature: text });

const STOP: Record<string, ModelReply['stop']> = {
  end_turn: 'end',
  stop_sequence: 'end',
  pause_turn: 'end',
  tool_use: 'tool_calls',
  max_tokens: 'max_tokens',
  model_context_window_exceeded: 'max_tokens',
  refusal: 'refusal',
};

interface OpenBlock {
  start: Json;
  text: string;
  json: string;
  signature: string;
}

/** Anthropic's own input count leaves both cache buckets out, as ours does. */
export function fromAnthropicUsage(usage: Json): Usage {
  return {
    input: count(usage.input_tokens),
    cacheWrite: count(usage.cache_creation_input_tokens),
    cacheRead: count(usage.cache_read_input_tokens),
    output: count(usage.output_tokens),
  };
}

/** Reads the events of `POST /v1/messages`. Counts in `message_delta` are totals and win over those of `message_start`. */
export function createAnthropicReader(newId: () => string, model: string): StreamReader {
  const blocks = new Map<number, OpenBlock>();
  let counted: Json = {};
  let final = false;
  let stopReason: string | undefined;

  function addDelta(block: OpenBlock, raw: Json): void {
    const delta = blockDelta.parse(raw);
    block.text += delta.text ?? delta.thinking ?? '';
    block.json += delta.partial_json ?? '';
    block.signature += delta.signature ?? '';
  }

  return {
    add(raw) {
      const parsed = event.safeParse(raw);
      if (!parsed.success) return;
      const { type, message, content_block: start, delta, usage, index: at = 0 } = parsed.data;
      if (type === 'message_start') counted = { ...object.parse(message?.usage) };
      if (type === 'content_block_start' && start) {
        blocks.set(at, { start, text: '', json: '', signature: '' });
      }
      const block = blocks.get(at);
      if (type === 'content_block_delta' && block && delta) addDelta(block, delta);
      if (type === 'message_delta') {
        stopReason = text.parse(delta?.stop_reason) ?? stopReason;
        final = final || count(usage?.output_tokens) > 0 || usage?.output_tokens === 0;
        counted = { ...counted, ...withoutNull(usage ?? {}) };
      }
    },
    state(): StreamState {
      const callId = createCallIds(newId);
      const ordered = [...blocks.entries()].sort(([one], [other]) => one - other);
      const parts = ordered.flatMap(([, block]) => partsOf(block, callId, model));
      const called = parts.some((part) => part.type === 'tool_call');
      const named = stopReason === undefined ? undefined : (STOP[stopReason] ?? 'end');
      const stop = named === 'end' && called ? 'tool_calls' : named;
      const reply: AssistantMessage = { role: 'assistant', parts };
      const bill = final ? billable(fromAnthropicUsage(counted), reply) : undefined;
      return { message: reply, ...(stop ? { stop } : {}), ...(bill ? { usage: bill } : {}) };
    },
  };
}

/** A null in the later count means "as said before". */
function withoutNull(usage: Json): Json {
  return Object.fromEntries(
    Object.entries(usage).filter(([, value]) => value !== null && value !== undefined),
  );
}

const asText = (value: unknown) => (typeof value === 'string' ? value : '');

function partsOf(block: OpenBlock, callId: (id: string) => string, model: string): AssistantMessage['parts'] {
  const { start } = block;
  switch (start.type) {
    case 'text': {
      const text = asText(start.text) + block.text;
      return text === '' ? [] : [{ type: 'text', text }];
    }
    case 'tool_use': {
      const whole = JSON.stringify(isObject(start.input) ? start.input : {});
      const args = block.json === '' ? whole : block.json;
      return [{ type: 'tool_call', id: callId(asText(start.id)), name: asText(start.name), arguments: args }];
    }
    case 'thinking': {
      const data = {
        type: 'thinking',
        thinking: asText(start.thinking) + block.text,
        signature: asText(start.signature) + block.signature,
      };
      return [{ type: 'thinking', vendor: 'anthropic', model, data }];
    }
    case 'redacted_thinking':
      return [{ type: 'thinking', vendor: 'anthropic', model, data: start }];
    default:
      return [];
  }
}
