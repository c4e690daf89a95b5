import type { AssistantMessage } from '../../factory/agent/message.ts';
import type { Usage } from '../../factory/finance/finance.ts';
import type { ModelReply } from '../../factory/ports.ts';
import { count, createCallIds, type StreamReader, type StreamState } from './reply.ts';

export interface AnthropicUsage {
  input_tokens?: number | null;
  cache_creation_input_tokens?: number | null;
  cache_read_input_tokens?: number | null;
  output_tokens?: number | null;
}

/** An event of a stream: only what is read, and all of it doubted. */
export interface AnthropicEvent {
  type: string;
  message?: { usage?: AnthropicUsage | null };
  index?: number;
  content_block?: Record<string, unknown> & { type?: string };
  delta?: {
    type?: string;
    text?: string;
    partial_json?: string;
    thinking?: string;
    signature?: string;
    stop_reason?: string | null;
  };
  usage?: AnthropicUsage | null;
}

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
  start: Record<string, unknown> & { type?: string };
  text: string;
  json: string;
  signature: string;
}

/** Anthropic's own input count leaves both cache buckets out, as ours does. */
export function fromAnthropicUsage(usage: AnthropicUsage): Usage {
  return {
    input: count(usage.input_tokens),
    cacheWrite: count(usage.cache_creation_input_tokens),
    cacheRead: count(usage.cache_read_input_tokens),
    output: count(usage.output_tokens),
  };
}

/** Reads the events of `POST /v1/messages`. Counts in `message_delta` are totals and win over those of `message_start`. */
export function createAnthropicReader(newId: () => string, model: string): StreamReader<AnthropicEvent> {
  const blocks = new Map<number, OpenBlock>();
  let counted: AnthropicUsage = {};
  let final = false;
  let stopReason: string | undefined;

  function addDelta(block: OpenBlock, delta: NonNullable<AnthropicEvent['delta']>): void {
    block.text += delta.text ?? delta.thinking ?? '';
    block.json += delta.partial_json ?? '';
    block.signature += delta.signature ?? '';
  }

  return {
    add(event) {
      if (event.type === 'message_start') counted = { ...event.message?.usage };
      const index = event.index ?? 0;
      if (event.type === 'content_block_start' && event.content_block) {
        blocks.set(index, { start: event.content_block, text: '', json: '', signature: '' });
      }
      const block = blocks.get(index);
      if (event.type === 'content_block_delta' && block && event.delta) addDelta(block, event.delta);
      if (event.type === 'message_delta') {
        stopReason = event.delta?.stop_reason ?? stopReason;
        final = final || typeof event.usage?.output_tokens === 'number';
        counted = { ...counted, ...withoutNull(event.usage ?? {}) };
      }
    },
    state(): StreamState {
      const callId = createCallIds(newId);
      const ordered = [...blocks.entries()].sort(([one], [other]) => one - other);
      const parts = ordered.flatMap(([, block]) => partsOf(block, callId, model));
      const called = parts.some((part) => part.type === 'tool_call');
      const named = stopReason === undefined ? undefined : (STOP[stopReason] ?? 'end');
      const stop = named === 'end' && called ? 'tool_calls' : named;
      return {
        message: { role: 'assistant', parts },
        ...(stop ? { stop } : {}),
        ...(final ? { usage: fromAnthropicUsage(counted) } : {}),
      };
    },
  };
}

/** A null in the later count means "as said before". */
function withoutNull(usage: AnthropicUsage): AnthropicUsage {
  return Object.fromEntries(Object.entries(usage).filter(([, value]) => typeof value === 'number'));
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
      const whole = JSON.stringify(start.input ?? {});
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
