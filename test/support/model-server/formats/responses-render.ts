import type { Usage } from '../../../../src/factory/model/money/finance.ts';
import type { ErrorEvent } from '../faults.ts';
import type { Seal } from '../sealed-reasoning.ts';
import {
  argumentsText,
  asArray,
  asObject,
  type Json,
  pieces,
  type RenderedAnswer,
  type RenderRequest,
  stopOf,
} from './format.ts';

export interface RenderResponses extends RenderRequest {
  body: Json;
  /** For whom reasoning is encrypted. */
  owner: string;
  seal: Seal;
}

/** One event without its number. */
type Event = Json & { type: string };

const sse = (event: Event, number: number): string =>
  `event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number: number })}\n\n`;

function wireUsage(usage: Usage, reasoning: number): Json {
  const input = usage.input + usage.cacheRead + usage.cacheWrite;
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: usage.cacheRead, cache_write_tokens: usage.cacheWrite },
    output_tokens: usage.output,
    output_tokens_details: { reasoning_tokens: Math.min(reasoning, usage.output) },
    total_tokens: input + usage.output,
  };
}

/** The events of `POST /v1/responses` in the vendor's order, and the whole response. */
export function renderResponses(request: RenderResponses): RenderedAnswer {
  const { answer, body } = request;
  const stop = stopOf(answer);
  const cut = stop === 'max_tokens' || (stop === 'refusal' && !answer.text);
  const items = outputItems(request, cut);
  const reason = stop === 'max_tokens' ? 'max_output_tokens' : 'content_filter';
  const head = {
    ...{ id: request.newId('resp_'), object: 'response', created_at: request.createdSeconds },
    ...{ error: null, incomplete_details: null, instructions: body.instructions ?? null },
    ...{ max_output_tokens: body.max_output_tokens ?? null, model: request.model },
    ...{ parallel_tool_calls: body.parallel_tool_calls ?? true, previous_response_id: null },
    ...{ prompt_cache_key: body.prompt_cache_key ?? null, store: body.store ?? true },
    ...{ reasoning: { effort: asObject(body.reasoning).effort ?? null, summary: null } },
    ...{ tool_choice: body.tool_choice ?? 'auto', tools: asArray(body.tools), truncation: 'disabled' },
  };
  const begun = { ...head, status: 'in_progress', output: [], usage: null };
  const whole = {
    ...head,
    status: cut ? 'incomplete' : 'completed',
    ...(cut ? { incomplete_details: { reason } } : {}),
    output: items.map((item) => item.whole),
    usage: wireUsage(request.usage, Math.ceil((answer.thinking ?? '').length / 4)),
  };
  const events: Event[] = [
    { type: 'response.created', response: begun },
    { type: 'response.in_progress', response: begun },
    ...items.flatMap((item, index) => itemEvents(item, index)),
    { type: cut ? 'response.incomplete' : 'response.completed', response: whole },
  ];
  return { whole, events: events.map(sse) };
}

interface OutputItem {
  id: string;
  start: Json;
  whole: Json;
  /** Between "added" and "done". */
  inner: Event[];
}

function outputItems(request: RenderResponses, cut: boolean): OutputItem[] {
  const { answer } = request;
  const items: OutputItem[] = [];
  if (answer.thinking !== undefined) items.push(reasoning(request, answer.thinking));
  if (answer.text) items.push(message(request, answer.text, stopOf(answer) === 'refusal'));
  for (const call of answer.toolCalls ?? []) {
    items.push(
      functionCall(request, call.id ?? request.newId('call_'), call.name, argumentsText(call.arguments)),
    );
  }
  const last = items.at(-1);
  if (cut && last && last.whole.type !== 'reasoning') last.whole = { ...last.whole, status: 'incomplete' };
  return items;
}

function reasoning(request: RenderResponses, thought: string): OutputItem {
  const id = request.newId('rs_');
  const wanted = asArray(request.body.include).includes('reasoning.encrypted_content');
  const sealed = wanted ? { encrypted_content: request.seal.close(request.owner, id, thought) } : {};
  const start = { id, type: 'reasoning', summary: [] };
  return { id, start: { ...start, ...sealed }, whole: { ...start, ...sealed }, inner: [] };
}

function message(request: RenderResponses, said: string, refused: boolean): OutputItem {
  const id = request.newId('msg_');
  const [kind, field] = refused ? (['refusal', 'refusal'] as const) : (['output_text', 'text'] as const);
  const part = (text: string) =>
    refused ? { type: kind, refusal: text } : { type: kind, annotations: [], logprobs: [], text };
  const extra = refused ? {} : { logprobs: [] };
  const start = { id, type: 'message', status: 'in_progress', role: 'assistant', content: [] };
  const at = { item_id: id, content_index: 0 };
  return {
    id,
    start,
    whole: { ...start, status: 'completed', content: [part(said)] },
    inner: [
      { type: 'response.content_part.added', ...at, part: part('') },
      ...pieces(said).map((delta) => ({ type: `response.${kind}.delta`, ...at, delta, ...extra })),
      { type: `response.${kind}.done`, ...at, [field]: said, ...extra },
      { type: 'response.content_part.done', ...at, part: part(said) },
    ],
  };
}

function functionCall(request: RenderResponses, callId: string, name: string, args: string): OutputItem {
  const id = request.newId('fc_');
  const start = { id, type: 'function_call', status: 'in_progress', call_id: callId, name, arguments: '' };
  return {
    id,
    start,
    whole: { ...start, status: 'completed', arguments: args },
    inner: [
      ...pieces(args).map((delta) => ({
        type: 'response.function_call_arguments.delta',
        item_id: id,
        delta,
      })),
      { type: 'response.function_call_arguments.done', item_id: id, name, arguments: args },
    ],
  };
}

const itemEvents = (item: OutputItem, index: number): Event[] => [
  { type: 'response.output_item.added', output_index: index, item: item.start },
  ...item.inner.map((event) => ({ ...event, output_index: index })),
  { type: 'response.output_item.done', output_index: index, item: item.whole },
];

/** An error that arrives as an event of a stream that began well. */
export function responsesErrorEvent(kind: ErrorEvent): string {
  if (kind === 'failed') {
    const error = { code: 'server_error', message: 'The model failed to generate a response.' };
    const response = { object: 'response', status: 'failed', error, output: [], usage: null };
    return sse({ type: 'response.failed', response }, 1_000);
  }
  const [code, message] =
    kind === 'overloaded'
      ? ['server_error', 'The server had an error while processing your request. Sorry about that!']
      : [
          'insufficient_quota',
          'You exceeded your current quota, please check your plan and billing details.',
        ];
  return sse({ type: 'error', code, message, param: null }, 1_000);
}
