import type { Usage } from '../../../../src/factory/model/money/finance.ts';
import type { ErrorEvent } from '../faults.ts';
import { openaiRefusal } from '../refusals.ts';
import type { Dialect, ScriptMessage } from '../script.ts';
import { besideAnswer, compatibleRefusal } from './compatible.ts';
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

const FINISH = {
  end: 'stop',
  tool_calls: 'tool_calls',
  max_tokens: 'length',
  context: 'length',
  paused: 'stop',
  refusal: 'content_filter',
};

/** Reads a body of `POST /v1/chat/completions`. */
export function parseOpenai(body: Json, dialect: Dialect): ParsedRequest {
  const messages = asArray(body.messages).map(asObject);
  const names = new Map<string, string>();
  const conversation: ScriptMessage[] = [];
  const system: string[] = [];
  for (const message of messages) {
    if (message.role === 'system' || message.role === 'developer') system.push(contentText(message.content));
    else conversation.push(toScriptMessage(message, names));
  }
  const tools = asArray(body.tools).map((tool) => {
    const inner = asObject(asObject(tool).function);
    return {
      name: asText(inner.name),
      description: asText(inner.description),
      parameters: inner.parameters,
    };
  });
  const refusal = openaiRefusal(body, messages, dialect) ?? compatibleRefusal(body, messages, dialect);
  return {
    model: asText(body.model),
    stream: body.stream === true,
    system: system.join('\n'),
    tools,
    conversation,
    blocks: [...asArray(body.tools), ...messages].map((block) => ({
      text: JSON.stringify(block),
      breakpoint: false,
    })),
    ...(body.prompt_cache_key === undefined ? {} : { cacheKey: asText(body.prompt_cache_key) }),
    ...(refusal === undefined ? {} : { refusal }),
  };
}

function toScriptMessage(message: Json, names: Map<string, string>): ScriptMessage {
  const text = contentText(message.content);
  if (message.role === 'tool') {
    const callId = asText(message.tool_call_id);
    return { role: 'tool', text, toolCalls: [], callId, name: names.get(callId) ?? '', isError: false };
  }
  if (message.role !== 'assistant') return { role: 'user', text, toolCalls: [] };
  const toolCalls = asArray(message.tool_calls).map((call) => {
    const inner = asObject(asObject(call).function);
    const id = asText(asObject(call).id);
    names.set(id, asText(inner.name));
    return { id, name: asText(inner.name), arguments: asText(inner.arguments) };
  });
  return { role: 'assistant', text, toolCalls };
}

function wireUsage(usage: Usage): Json {
  const prompt = usage.input + usage.cacheRead + usage.cacheWrite;
  return {
    prompt_tokens: prompt,
    completion_tokens: usage.output,
    total_tokens: prompt + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cacheRead, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
  };
}

export function renderOpenai(request: RenderRequest): RenderedAnswer {
  const { answer, usage } = request;
  const beside = besideAnswer(request);
  const calls = (answer.toolCalls ?? []).map((call, index) => ({
    ...(index === 0 ? beside.firstCall : {}),
    id: call.id ?? request.newId('call_'),
    type: 'function',
    function: { name: call.name, arguments: argumentsText(call.arguments) },
  }));
  const finish = FINISH[stopOf(answer)];
  const head = { id: request.newId('chatcmpl-'), created: request.createdSeconds, model: request.model };
  const whole = {
    ...head,
    object: 'chat.completion',
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: answer.text ?? null,
          refusal: null,
          ...beside.message,
          ...(calls.length > 0 ? { tool_calls: calls } : {}),
        },
        logprobs: null,
        finish_reason: finish,
      },
    ],
    usage: wireUsage(usage),
  };

  const deltas: Json[] = [{ role: 'assistant', content: calls.length > 0 && !answer.text ? null : '' }];
  deltas.push(...beside.deltas);
  for (const piece of pieces(answer.text ?? '')) deltas.push({ content: piece });
  for (const [index, call] of calls.entries()) {
    const start = {
      ...(index === 0 ? beside.firstCall : {}),
      index,
      id: call.id,
      type: 'function',
      function: { name: call.function.name, arguments: '' },
    };
    deltas.push({ tool_calls: [start] });
    for (const piece of pieces(call.function.arguments)) {
      deltas.push({ tool_calls: [{ index, function: { arguments: piece } }] });
    }
  }
  const chunk = (choices: unknown[], extra: Json = request.includeUsage ? { usage: null } : {}) =>
    `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices, ...extra })}\n\n`;
  const events = deltas.map((delta) => chunk([{ index: 0, delta, logprobs: null, finish_reason: null }]));
  events.push(chunk([{ index: 0, delta: {}, logprobs: null, finish_reason: finish }]));
  if (request.includeUsage) events.push(chunk([], { usage: wireUsage(usage) }));
  events.push('data: [DONE]\n\n');
  return { whole, events };
}

/** An error that arrives as an event of a stream that began well. */
export function openaiErrorEvent(kind: ErrorEvent): string {
  const error =
    kind !== 'insufficient_quota'
      ? {
          message: 'The server had an error while processing your request. Sorry about that!',
          type: 'server_error',
          param: null,
          code: null,
        }
      : {
          message: 'You exceeded your current quota, please check your plan and billing details.',
          type: 'insufficient_quota',
          param: null,
          code: 'insufficient_quota',
        };
  return `data: ${JSON.stringify({ error })}\n\n`;
}
