import type { ToolSpec } from '../../factory/model/message.ts';
import type { ModelRequest } from '../../factory/ports.ts';
import { normalise, type WireTurn } from './normalise.ts';
import { isReasoning, phaseOf, reasoningKey } from './responses-items.ts';
import { wellFormed } from './text.ts';

export type ResponsesItem =
  | { type: 'message'; role: 'user' | 'assistant'; content: string; phase?: string }
  | { type: 'function_call'; call_id: string; name: string; arguments: string }
  | { type: 'function_call_output'; call_id: string; output: string }
  /** A reasoning item word for word, as the vendor encrypted it. */
  | (Record<string, unknown> & { type: 'reasoning' });

export interface ResponsesBody {
  model: string;
  instructions?: string;
  input: ResponsesItem[];
  tools?: {
    type: 'function';
    name: string;
    description: string;
    parameters: Record<string, unknown>;
    strict: false;
  }[];
  tool_choice?: 'required';
  parallel_tool_calls?: true;
  store: false;
  stream: boolean;
  include?: ['reasoning.encrypted_content'];
  max_output_tokens: number;
  reasoning?: { effort: string };
  prompt_cache_key?: string;
}

/** How an endpoint or model differs from the others that speak this format. */
export interface ResponsesForm {
  /** Reasoning is asked for in encrypted form and sent back. Models that do not reason refuse to be asked. */
  keepThinking: boolean;
  /** Some models give their reply as a whole only. */
  stream: boolean;
  /** In the vendor's word; missing: its own default. */
  effort?: string;
  cacheKey: boolean;
  /** The vendor's default is said all the same, since gateways have others. */
  parallelCalls: boolean;
  toolChoice: boolean;
  plain: boolean;
  /** Reasoning items that the endpoint refused (`reasoningKey`), as those of another account. */
  refused: ReadonlySet<string>;
}

/** The vendor takes no smaller limit. */
const LEAST_OUTPUT_TOKENS = 16;

/**
 * The body of `POST /responses`. Pure. Nothing is stored at the vendor: the whole conversation goes with each request, reasoning
 * items included. `vendor` names whom those belong to.
 */
export function toResponsesBody(request: ModelRequest, vendor: string, form: ResponsesForm): ResponsesBody {
  const { plain, keepThinking } = form;
  const turns = normalise(request.messages, { vendor, model: request.model, plain, keepThinking });
  const tools = request.tools.map(toTool);
  return {
    model: request.model,
    ...(request.system ? { instructions: wellFormed(request.system) } : {}),
    input: turns.flatMap((turn) => toItems(turn, form.refused)),
    ...(tools.length > 0 ? { tools } : {}),
    ...(tools.length > 0 && form.parallelCalls ? { parallel_tool_calls: true } : {}),
    ...(tools.length > 0 && request.toolRequired && form.toolChoice
      ? { tool_choice: 'required' as const }
      : {}),
    store: false,
    stream: form.stream,
    ...(keepThinking ? { include: ['reasoning.encrypted_content'] as const } : {}),
    max_output_tokens: Math.max(LEAST_OUTPUT_TOKENS, request.maxOutputTokens),
    ...(form.effort === undefined ? {} : { reasoning: { effort: form.effort } }),
    ...(form.cacheKey && request.cacheKey ? { prompt_cache_key: request.cacheKey } : {}),
  } as ResponsesBody;
}

/**
 * `strict` must be said, since this interface takes its absence for yes. Strict schemas list every property as required: our tools
 * have optional arguments, which as nullable ones would cost tokens and make models fill in what they were not asked for.
 */
function toTool({ name, description, parameters }: ToolSpec): NonNullable<ResponsesBody['tools']>[number] {
  return { type: 'function', name, description, parameters, strict: false };
}

/**
 * Calls and texts go without their ids, by which a vendor that stores nothing could look for reasoning that was left out.
 * A reasoning item whose follower is gone (cut short, blank) is left out: alone it is refused.
 */
function toItems(turn: WireTurn, refused: ReadonlySet<string>): ResponsesItem[] {
  if (turn.role === 'user') return [{ type: 'message', role: 'user', content: turn.text }];
  const items: ResponsesItem[] = [];
  let waiting: ResponsesItem[] = [];
  let phase: string | undefined;
  for (const part of turn.parts) {
    if (part.type === 'thinking') {
      phase = phaseOf(part.data) ?? phase;
      if (isReasoning(part.data) && !refused.has(reasoningKey(part.data) ?? '')) {
        waiting.push({ ...part.data, type: 'reasoning' });
      }
      continue;
    }
    items.push(...waiting);
    waiting = [];
    if (part.type === 'tool_call') {
      const { id, name, arguments: given } = part;
      items.push({ type: 'function_call', call_id: id, name, arguments: given });
    } else {
      const said = { type: 'message', role: 'assistant', content: part.text } as const;
      items.push(phase === undefined ? said : { ...said, phase });
    }
    phase = undefined;
  }
  for (const { id, output } of turn.results) {
    items.push({ type: 'function_call_output', call_id: id, output });
  }
  return items;
}
