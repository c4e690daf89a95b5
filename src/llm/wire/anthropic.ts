import type { ModelRequest } from '../../factory/ports.ts';
import {
  askThinking,
  type ThinkingForm,
  type ThinkingParam,
  withLeadingThinking,
} from './anthropic-thinking.ts';
import { normalise, type WireTurn } from './normalise.ts';
import { argumentsObject, wellFormed } from './text.ts';

interface CacheMark {
  cache_control?: { type: 'ephemeral'; ttl?: '1h' };
}

export type AnthropicUserBlock =
  | ({ type: 'text'; text: string } & CacheMark)
  | ({ type: 'tool_result'; tool_use_id: string; content: string; is_error?: boolean } & CacheMark);

export type AnthropicAssistantBlock =
  | { type: 'text'; text: string }
  | { type: 'tool_use'; id: string; name: string; input: Record<string, unknown> }
  /** A block word for word, as the vendor signed it. */
  | Record<string, unknown>;

export type AnthropicMessage =
  | { role: 'user'; content: AnthropicUserBlock[] }
  | { role: 'assistant'; content: AnthropicAssistantBlock[] };

export interface AnthropicBody {
  model: string;
  max_tokens: number;
  thinking?: ThinkingParam;
  output_config?: { effort: string };
  system?: ({ type: 'text'; text: string } & CacheMark)[];
  tools?: ({ name: string; description: string; input_schema: Record<string, unknown> } & CacheMark)[];
  tool_choice?: { type: 'any' };
  messages: AnthropicMessage[];
  stream: true;
}

export interface AnthropicForm extends ThinkingForm {
  /** Whose thinking goes back: see `thinkingVendor`. */
  vendor: string;
  /** In the model's own word. Missing: it cannot be told, or nobody asked for one. */
  effort?: string;
  plain: boolean;
  /** It takes `tool_choice`. */
  toolChoice: boolean;
  /** It keeps a prompt for an hour when asked to. */
  longCache: boolean;
}

/**
 * The body of `POST /v1/messages`. Pure.
 *
 * Four cache breakpoints, the most that are allowed: the last tool, the system text, and the last block of the two
 * newest user messages. The older of those two was the newest one of the request before, so its prefix is found however
 * many blocks a turn added. All ask for the same time, so none that lives longer stands behind a shorter one.
 */
export function toAnthropicBody(request: ModelRequest, form: AnthropicForm): AnthropicBody {
  const plain = form.plain || request.tools.length === 0;
  const thinking = askThinking({ ...form, plain }, request.maxOutputTokens);
  const turns = normalise(request.messages, {
    vendor: form.vendor,
    model: request.model,
    keepThinking: form.keepThinking,
    // A history with tool calls is refused when the request declares no tools.
    plain,
  });
  const messages = merged(withLeadingThinking(turns, form, thinking).flatMap(toMessages));
  const mark = markFor(request, form);
  markNewest(messages, mark);
  const lastTool = request.tools.length - 1;
  // No model may be forced to call a tool while it thinks.
  const forced = request.toolRequired && form.toolChoice && thinking === undefined && lastTool >= 0;
  return {
    model: request.model,
    max_tokens: request.maxOutputTokens,
    ...(thinking === undefined ? {} : { thinking }),
    ...(form.effort === undefined ? {} : { output_config: { effort: form.effort } }),
    ...(request.system.trim()
      ? { system: [{ type: 'text', text: wellFormed(request.system), ...mark }] }
      : {}),
    ...(request.tools.length > 0
      ? {
          tools: request.tools.map((tool, index) => ({
            name: tool.name,
            description: tool.description,
            input_schema: tool.parameters,
            ...(index === lastTool ? mark : {}),
          })),
        }
      : {}),
    ...(forced ? { tool_choice: { type: 'any' } } : {}),
    messages,
    stream: true,
  };
}

function markFor(request: ModelRequest, form: AnthropicForm): CacheMark {
  const long = request.cacheFor === '1h' && form.longCache;
  return { cache_control: { type: 'ephemeral', ...(long ? { ttl: '1h' } : {}) } };
}

function toMessages(turn: WireTurn): AnthropicMessage[] {
  if (turn.role === 'user') return [{ role: 'user', content: [{ type: 'text', text: turn.text }] }];
  const content = turn.parts.map((part): AnthropicAssistantBlock => {
    if (part.type === 'text') return { type: 'text', text: part.text };
    if (part.type === 'thinking') return part.data as Record<string, unknown>;
    const block = { type: 'tool_use', id: part.id, name: part.name, input: argumentsObject(part.arguments) };
    return { ...(part.opaque as Record<string, unknown> | undefined), ...block };
  });
  const results = turn.results.map(
    (result): AnthropicUserBlock => ({
      type: 'tool_result',
      tool_use_id: result.id,
      content: result.output,
      ...(result.isError ? { is_error: true } : {}),
    }),
  );
  const messages: AnthropicMessage[] = [{ role: 'assistant', content }];
  if (results.length > 0) messages.push({ role: 'user', content: results });
  return messages;
}

/** Neighbours of one role become one message: results and the user's words after them belong together. */
function merged(messages: readonly AnthropicMessage[]): AnthropicMessage[] {
  const result: AnthropicMessage[] = [];
  for (const message of messages) {
    const last = result.at(-1);
    if (last?.role === 'user' && message.role === 'user') last.content.push(...message.content);
    else if (last?.role === 'assistant' && message.role === 'assistant')
      last.content.push(...message.content);
    else result.push(message);
  }
  return result;
}

function markNewest(messages: readonly AnthropicMessage[], mark: CacheMark): void {
  const users = messages.filter((message) => message.role === 'user');
  for (const message of users.slice(-2)) {
    const block = message.content.at(-1);
    if (block) Object.assign(block, mark);
  }
}
