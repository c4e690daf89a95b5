import type { Usage } from '../../../../src/factory/model/money/finance.ts';
import type { PromptBlock } from '../billing.ts';
import type { ErrorEvent } from '../faults.ts';
import { anthropicRefusal } from '../refusals.ts';
import type { AnswerBlock, ScriptMessage } from '../script.ts';
import { type AnthropicTakes, anthropicThinkingRefusal, ledIds, redact, sign } from './anthropic-thinking.ts';
import {
  argumentsText,
  asArray,
  asObject,
  asText,
  contentText,
  type Json,
  type ParsedRequest,
  pieces,
  type RenderedAnswer,
  type RenderRequest,
  stopOf,
} from './format.ts';

const STOP = {
  end: 'end_turn',
  tool_calls: 'tool_use',
  max_tokens: 'max_tokens',
  context: 'model_context_window_exceeded',
  paused: 'pause_turn',
  refusal: 'refusal',
};

/** Reads a body of `POST /v1/messages`. */
export function parseAnthropic(body: Json, takes: AnthropicTakes = {}): ParsedRequest {
  const messages = asArray(body.messages).map(asObject);
  const names = new Map<string, string>();
  const blocks = promptBlocks(body, messages);
  const refusal =
    anthropicRefusal(body, messages, blocks) ?? anthropicThinkingRefusal(body, messages, blocks, takes);
  return {
    model: asText(body.model),
    stream: body.stream === true,
    system: contentText(body.system),
    tools: asArray(body.tools).map((tool) => {
      const inner = asObject(tool);
      return {
        name: asText(inner.name),
        description: asText(inner.description),
        parameters: inner.input_schema,
      };
    }),
    conversation: messages.flatMap((message) => toScriptMessages(message, names)),
    blocks,
    ...(refusal === undefined ? {} : { refusal }),
  };
}

/** One wire message can hold tool results and a user's text: those are several messages of the conversation. */
function toScriptMessages(message: Json, names: Map<string, string>): ScriptMessage[] {
  const blocks =
    typeof message.content === 'string'
      ? [{ type: 'text', text: message.content }]
      : asArray(message.content).map(asObject);
  if (message.role === 'assistant') {
    const toolCalls = blocks
      .filter((block) => block.type === 'tool_use')
      .map((block) => {
        names.set(asText(block.id), asText(block.name));
        return { id: asText(block.id), name: asText(block.name), arguments: JSON.stringify(block.input) };
      });
    return [{ role: 'assistant', text: contentText(blocks), toolCalls }];
  }
  return blocks.map((block): ScriptMessage => {
    if (block.type !== 'tool_result') return { role: 'user', text: asText(block.text), toolCalls: [] };
    const callId = asText(block.tool_use_id);
    return {
      role: 'tool',
      text: contentText(block.content),
      toolCalls: [],
      callId,
      name: names.get(callId) ?? '',
      isError: block.is_error === true,
    };
  });
}

/** Tools, system and messages in the order in which the vendor caches them. */
function promptBlocks(body: Json, messages: readonly Json[]): PromptBlock[] {
  const block = (value: unknown, role: string): PromptBlock => {
    const object = asObject(value);
    const mark = object.cache_control;
    if (mark === undefined || mark === null)
      return { text: role + JSON.stringify(object), breakpoint: false };
    const { cache_control: _mark, ...rest } = object;
    return { text: role + JSON.stringify(rest), breakpoint: true, long: asObject(mark).ttl === '1h' };
  };
  const listed = (content: unknown) =>
    typeof content === 'string' ? [{ type: 'text', text: content }] : asArray(content);
  return [
    ...asArray(body.tools).map((tool) => block(tool, 'tool')),
    ...listed(body.system).map((part) => block(part, 'system')),
    ...messages.flatMap((message) =>
      listed(message.content).map((part) => block(part, asText(message.role))),
    ),
  ];
}

function wireUsage(usage: Usage, output: number): Json {
  return {
    input_tokens: usage.input,
    cache_creation_input_tokens: usage.cacheWrite + (usage.cacheWriteLong ?? 0),
    cache_read_input_tokens: usage.cacheRead,
    cache_creation: {
      ephemeral_5m_input_tokens: usage.cacheWrite,
      ephemeral_1h_input_tokens: usage.cacheWriteLong ?? 0,
    },
    output_tokens: output,
    service_tier: 'standard',
  };
}

const event = (type: string, data: Json = {}) =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;

interface Block {
  start: Json;
  deltas: Json[];
  whole: Json;
}

function answerBlocks({ blocks, thinking, text, toolCalls = [] }: RenderRequest['answer']): AnswerBlock[] {
  if (blocks !== undefined) return blocks;
  return [
    ...(thinking === undefined ? [] : [{ thinking }]),
    ...(text ? [{ text }] : []),
    ...toolCalls.map((call) => ({ call })),
  ];
}

function contentBlock(block: AnswerBlock, request: RenderRequest, led: boolean): Block {
  if ('text' in block) {
    const deltas = pieces(block.text).map((text) => ({ type: 'text_delta', text }));
    return { start: { type: 'text', text: '' }, deltas, whole: { type: 'text', text: block.text } };
  }
  if ('thinking' in block) {
    const { thinking } = block;
    const signature = sign(request.model, thinking);
    return {
      start: { type: 'thinking', thinking: '', signature: '' },
      deltas: [
        ...pieces(thinking).map((piece) => ({ type: 'thinking_delta', thinking: piece })),
        { type: 'signature_delta', signature },
      ],
      whole: { type: 'thinking', thinking, signature },
    };
  }
  if ('call' in block) {
    const { call } = block;
    const id = call.id ?? request.newId(led ? ledIds(request.model) : 'toolu_');
    const input = typeof call.arguments === 'string' ? {} : call.arguments;
    return {
      start: { type: 'tool_use', id, name: call.name, input: {} },
      deltas: ['', ...pieces(argumentsText(call.arguments))].map((partial) => ({
        type: 'input_json_delta',
        partial_json: partial,
      })),
      whole: { type: 'tool_use', id, name: call.name, input },
    };
  }
  const whole = 'raw' in block ? block.raw : redact(request.model, block.redacted);
  return { start: whole, deltas: [], whole };
}

export function renderAnthropic(request: RenderRequest): RenderedAnswer {
  const { usage } = request;
  const answered = answerBlocks(request.answer);
  const led = answered[0] !== undefined && ('thinking' in answered[0] || 'redacted' in answered[0]);
  const blocks = answered.map((block) => contentBlock(block, request, led));
  const stop = { stop_reason: STOP[stopOf(request.answer)], stop_sequence: null };
  const head = { id: request.newId('msg_'), type: 'message', role: 'assistant', model: request.model };
  const events = [
    event('message_start', {
      message: { ...head, content: [], stop_reason: null, stop_sequence: null, usage: wireUsage(usage, 1) },
    }),
    event('ping'),
  ];
  for (const [index, block] of blocks.entries()) {
    events.push(event('content_block_start', { index, content_block: block.start }));
    for (const delta of block.deltas) events.push(event('content_block_delta', { index, delta }));
    events.push(event('content_block_stop', { index }));
  }
  events.push(event('message_delta', { delta: stop, usage: wireUsage(usage, usage.output) }));
  events.push(event('message_stop'));
  const content = blocks.map((block) => block.whole);
  return { whole: { ...head, content, ...stop, usage: wireUsage(usage, usage.output) }, events };
}

/** An error that arrives as an event of a stream that began well. */
export function anthropicErrorEvent(kind: ErrorEvent): string {
  const error =
    kind !== 'insufficient_quota'
      ? { type: 'overloaded_error', message: 'Overloaded' }
      : {
          type: 'rate_limit_error',
          message: 'Your organization has reached its monthly spend limit.',
          details: { error_code: 'enforced_spend_limit_reached' },
        };
  return event('error', { error });
}
