import type { ModelRequest } from '../../factory/ports.ts';
import { normalise, type WireTurn } from './normalise.ts';
import { argumentsObject, wellFormed } from './text.ts';

interface CacheMark {
  cache_control?: { type: 'ephemeral' };
}

export type AnthropicUserBlock =
  | ({ type: 'text'; text: string } & CacheMark)
  | ({ type: 'tool_result'; tool_use_id: string; content: string; is_error?: boolean } & CacheMark);

export type AnthropicAssistantBlock =
  | { type: 'text'; text: string }
  | { type: 'tool_use'; id: string; name: string; input: Record<string, unknown> }
  /** A thinking block word for word, as the vendor signed it. */
  | Record<string, unknown>;

export type AnthropicMessage =
  | { role: 'user'; content: AnthropicUserBlock[] }
  | { role: 'assistant'; content: AnthropicAssistantBlock[] };

export interface AnthropicBody {
  model: string;
  max_tokens: number;
  system?: ({ type: 'text'; text: string } & CacheMark)[];
  tools?: ({ name: string; description: string; input_schema: Record<string, unknown> } & CacheMark)[];
  messages: AnthropicMessage[];
  stream: true;
}

export interface AnthropicForm {
  plain: boolean;
  keepThinking: boolean;
}

const MARK = { cache_control: { type: 'ephemeral' } } as const;

/**
 * The body of `POST /v1/messages`. Pure.
 *
 * Four cache breakpoints, the most that are allowed: the last tool, the system text, and the last block of the two
 * newest user messages. The older of those two was the newest one of the request before, so its prefix is found however
 * many blocks a turn added.
 */
export function toAnthropicBody(request: ModelRequest, form: AnthropicForm): AnthropicBody {
  const turns = normalise(request.messages, {
    vendor: 'anthropic',
    model: request.model,
    keepThinking: form.keepThinking,
    // A history with tool calls is refused when the request declares no tools.
    plain: form.plain || request.tools.length === 0,
  });
  const messages = merged(turns.flatMap(toMessages));
  markNewest(messages);
  const lastTool = request.tools.length - 1;
  return {
    model: request.model,
    max_tokens: request.maxOutputTokens,
    ...(request.system.trim()
      ? { system: [{ type: 'text', text: wellFormed(request.system), ...MARK }] }
      : {}),
    ...(request.tools.length > 0
      ? {
          tools: request.tools.map((tool, index) => ({
            name: tool.name,
            description: tool.description,
            input_schema: tool.parameters,
            ...(index === lastTool ? MARK : {}),
          })),
        }
      : {}),
    messages,
    stream: true,
  };
}

function toMessages(turn: WireTurn): AnthropicMessage[] {
  if (turn.role === 'user') return [{ role: 'user', content: [{ type: 'text', text: turn.text }] }];
  const content = turn.parts.map((part): AnthropicAssistantBlock => {
    if (part.type === 'text') return { type: 'text', text: part.text };
    if (part.type === 'thinking') return part.data as Record<string, unknown>;
    return { type: 'tool_use', id: part.id, name: part.name, input: argumentsObject(part.arguments) };
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

function markNewest(messages: readonly AnthropicMessage[]): void {
  const users = messages.filter((message) => message.role === 'user');
  for (const message of users.slice(-2)) {
    const block = message.content.at(-1);
    if (block) Object.assign(block, MARK);
  }
}
