import * as z from 'zod';
import type { AssistantMessage } from '../../factory/model/message.ts';
import type { Usage } from '../../factory/model/money/finance.ts';
import type { ModelReply } from '../../factory/ports.ts';
import { isRecord } from '../../lib/record.ts';
import { count, index, object, text } from './doubt.ts';
import { billable, createCallIds, type StreamReader, type StreamState } from './reply.ts';
import { argumentsObject, withoutSeed } from './text.ts';

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

const stopDelta = z.object({ stop_reason: text, stop_details: object });

const STOP: Record<string, ModelReply['stop']> = {
  end_turn: 'end',
  stop_sequence: 'end',
  pause_turn: 'paused',
  tool_use: 'tool_calls',
  max_tokens: 'max_tokens',
  model_context_window_exceeded: 'context',
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
  const written = count(usage.cache_creation_input_tokens);
  const long = count(object.parse(usage.cache_creation)?.ephemeral_1h_input_tokens);
  const cacheWriteLong = Math.min(long, written);
  return {
    input: count(usage.input_tokens),
    cacheWrite: written - cacheWriteLong,
    ...(cacheWriteLong > 0 ? { cacheWriteLong } : {}),
    cacheRead: count(usage.cache_read_input_tokens),
    output: count(usage.output_tokens),
  };
}

/**
 * Reads the events of `POST /v1/messages`. Counts in `message_delta` are totals and win over those of `message_start`.
 *
 * @param source whose blocks it reads: those that only this vendor and model can read are marked with it
 */
export function createAnthropicReader(
  newId: () => string,
  source: { vendor: string; model: string },
): StreamReader {
  const blocks = new Map<number, OpenBlock>();
  let counted: Json = {};
  let final = false;
  let answering = false;
  let stopReason: string | undefined;
  let explained: string | undefined;

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
      answering ||= type === 'message_start' || type === 'content_block_start';
      if (type === 'message_start') counted = { ...object.parse(message?.usage) };
      if (type === 'content_block_start' && start) {
        blocks.set(at, { start, text: '', json: '', signature: '' });
      }
      const block = blocks.get(at);
      if (type === 'content_block_delta' && block && delta) addDelta(block, delta);
      if (type === 'message_delta') {
        const stop = stopDelta.parse(delta ?? {});
        stopReason = stop.stop_reason ?? stopReason;
        explained = whyRefused(stop.stop_details ?? {}) ?? explained;
        final = final || count(usage?.output_tokens) > 0 || usage?.output_tokens === 0;
        counted = { ...counted, ...withoutNull(usage ?? {}) };
      }
    },
    state(): StreamState {
      const callId = createCallIds(newId);
      const named = stopReason === undefined ? undefined : (STOP[stopReason] ?? 'end');
      const ordered = [...blocks.entries()].sort(([one], [other]) => one - other).map(([, block]) => block);
      const cut = named === 'max_tokens' || named === 'context';
      const whole = cut ? withoutUnsigned(ordered) : ordered;
      const parts = whole.flatMap((block) => partsOf(block, callId, source));
      const called = parts.some((part) => part.type === 'tool_call');
      const stop = (named === 'end' || named === 'paused') && called ? 'tool_calls' : named;
      if (stop === 'refusal' && explained !== undefined) parts.push({ type: 'text', text: explained });
      const paused = stop === 'paused' ? { paused: source } : {};
      const reply: AssistantMessage = { role: 'assistant', parts, ...paused };
      const bill = final ? billable(fromAnthropicUsage(counted), reply) : undefined;
      return { message: reply, answering, ...(stop ? { stop } : {}), ...(bill ? { usage: bill } : {}) };
    },
  };
}

/** Thinking that was cut off has no signature yet, and is refused when it comes back. */
function withoutUnsigned(blocks: readonly OpenBlock[]): readonly OpenBlock[] {
  const last = blocks.at(-1);
  const unsigned = last?.start.type === 'thinking' && asText(last.start.signature) + last.signature === '';
  return unsigned ? blocks.slice(0, -1) : blocks;
}

function whyRefused(details: Json): string | undefined {
  const words = [details.category, details.explanation].filter((word) => typeof word === 'string');
  return words.length === 0 ? undefined : words.join(': ');
}

/** A null in the later count means "as said before". */
function withoutNull(usage: Json): Json {
  return Object.fromEntries(
    Object.entries(usage).filter(([, value]) => value !== null && value !== undefined),
  );
}

const asText = (value: unknown) => (typeof value === 'string' ? value : '');

function partsOf(
  block: OpenBlock,
  callId: (id: string) => string,
  source: { vendor: string; model: string },
): AssistantMessage['parts'] {
  const { start } = block;
  switch (start.type) {
    case 'text': {
      const text = asText(start.text) + block.text;
      return text === '' ? [] : [{ type: 'text', text }];
    }
    case 'tool_use': {
      const { type: _type, id, name, input, ...beside } = start;
      const whole = JSON.stringify(isRecord(input) ? input : {});
      const args = block.json === '' ? whole : withoutSeed(block.json);
      const data = withoutNull(beside);
      const opaque = Object.keys(data).length > 0 ? { opaque: { ...source, data } } : {};
      const called = { id: callId(asText(id)), name: asText(name), arguments: args };
      return [{ type: 'tool_call', ...called, ...opaque }];
    }
    case 'thinking': {
      const thinking = asText(start.thinking) + block.text;
      const signature = asText(start.signature) + block.signature;
      return [{ type: 'thinking', ...source, data: { ...start, thinking, signature } }];
    }
    default: {
      // Redacted thinking, and what the vendor's own tools did: it wants them back as they are.
      if (typeof start.type !== 'string') return [];
      const input = block.json === '' ? {} : { input: argumentsObject(block.json) };
      return [{ type: 'thinking', ...source, data: { ...start, ...input } }];
    }
  }
}
