import type { ToolSpec } from '../../factory/model/message.ts';
import type { ModelRequest } from '../../factory/ports.ts';
import { isRecord } from '../../lib/record.ts';
import type { IdRule } from './ids.ts';
import { normalise, type WireCall, type WireTurn } from './normalise.ts';
import { asWanted, type Wants } from './openai-wants.ts';
import { wellFormed } from './text.ts';

interface OpenaiToolCall {
  id: string;
  type: 'function';
  function: { name: string; arguments: string };
}

export type OpenaiMessage =
  | { role: 'system' | 'user'; content: string }
  | { role: 'tool'; tool_call_id: string; content: string }
  | { role: 'assistant'; content: string | null; tool_calls?: OpenaiToolCall[] };

export interface OpenaiBody {
  model: string;
  messages: OpenaiMessage[];
  tools?: {
    type: 'function';
    function: { name: string; description: string; parameters: Record<string, unknown> };
  }[];
  stream: boolean;
  stream_options?: { include_usage: true };
  max_tokens?: number;
  max_completion_tokens?: number;
  tool_choice?: 'required';
  reasoning_effort?: string;
  prompt_cache_key?: string;
}

/** How an endpoint differs from the others that speak this format. */
export interface OpenaiForm extends Wants {
  /** Newer OpenAI models refuse `max_tokens`; most compatible servers know nothing else. */
  limitName: 'max_tokens' | 'max_completion_tokens';
  /** Some models give their reply as a whole only. */
  stream: boolean;
  /** Some compatible servers refuse the option; usage is then estimated when it is missing. */
  streamOptions: boolean;
  /** In the vendor's word; missing: its own default. */
  effort?: string;
  /** Most compatible servers do not know the key of a prompt cache. */
  cacheKey: boolean;
  toolChoice: boolean;
  ids: IdRule;
  plain: boolean;
  keepThinking: boolean;
}

/** The body of `POST /chat/completions`. Pure. `vendor` names the endpoint that thinking belongs to. */
export function toOpenaiBody(request: ModelRequest, vendor: string, form: OpenaiForm): OpenaiBody {
  const turns = asWanted(normalise(request.messages, { vendor, model: request.model, ...form }), form);
  const system: OpenaiMessage[] = request.system
    ? [{ role: 'system', content: wellFormed(request.system) }]
    : [];
  return {
    model: request.model,
    messages: [...system, ...turns.flatMap(toMessages)],
    ...(request.tools.length > 0 ? { tools: request.tools.map(toTool) } : {}),
    ...(request.tools.length > 0 && request.toolRequired && form.toolChoice
      ? { tool_choice: 'required' as const }
      : {}),
    stream: form.stream,
    ...(form.stream && form.streamOptions ? { stream_options: { include_usage: true } } : {}),
    [form.limitName]: request.maxOutputTokens,
    ...(form.effort === undefined ? {} : { reasoning_effort: form.effort }),
    ...(form.cacheKey && request.cacheKey ? { prompt_cache_key: request.cacheKey } : {}),
  };
}

function toTool(tool: ToolSpec): NonNullable<OpenaiBody['tools']>[number] {
  const { name, description, parameters } = tool;
  return { type: 'function', function: { name, description, parameters } };
}

function toCall({ id, name, arguments: given, opaque }: WireCall): OpenaiToolCall {
  const { function: inner, id: _own, ...beside } = isRecord(opaque) ? opaque : {};
  const called = { ...(isRecord(inner) ? inner : {}), name, arguments: given };
  return { ...beside, id, type: 'function', function: called };
}

/** The ids of a turn's calls: those that its own vendor names them by, as long as they tell them apart. */
function idsOf(calls: readonly WireCall[]): string[] {
  const own = calls.map(({ id, opaque }) =>
    isRecord(opaque) && typeof opaque.id === 'string' ? opaque.id : id,
  );
  return new Set(own).size === own.length ? own : calls.map(({ id }) => id);
}

function toMessages(turn: WireTurn): OpenaiMessage[] {
  if (turn.role === 'user') return [{ role: 'user', content: turn.text }];
  const text = turn.parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
  const made = turn.parts.filter((part) => part.type === 'tool_call');
  const ids = idsOf(made);
  const calls = made.map((part, index) => toCall({ ...part, id: ids[index] ?? part.id }));
  const message: OpenaiMessage = {
    role: 'assistant',
    content: text === '' ? null : text,
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  };
  // Thinking of compatible servers is a set of extra fields of the message: see `besideMessage`.
  for (const part of turn.parts) if (part.type === 'thinking') Object.assign(message, part.data);
  return [
    message,
    ...turn.results.map(
      (result, index): OpenaiMessage => ({
        role: 'tool',
        // One for each call, in their order.
        tool_call_id: ids[index] ?? result.id,
        content: result.output,
      }),
    ),
  ];
}
