import * as z from 'zod';
import type { AssistantMessage } from '../../factory/model/message.ts';
import type { Usage } from '../../factory/model/money/finance.ts';
import type { ModelReply } from '../../factory/ports.ts';
import { isRecord } from '../../lib/record.ts';
import { count, index, object, objects, text } from './doubt.ts';
import {
  billable,
  chargedOf,
  createCallIds,
  flatError,
  type StreamReader,
  type StreamState,
} from './reply.ts';
import { argumentsText, isSameCall, type OpenItem, type ReadItem, readItem } from './responses-output.ts';

type Json = Record<string, unknown>;

/** An event of a stream: only what is read, and all of it doubted. */
const event = z.object({
  type: text,
  response: object,
  item: object,
  item_id: text,
  output_index: index,
  content_index: index,
  delta: text,
  text,
  refusal: text,
  arguments: z.unknown().optional(),
  /** Of an `error` event, which holds them itself. */
  code: text,
  message: text,
});

const whole = z.object({
  object: text,
  status: text,
  output: objects,
  usage: object,
  incomplete_details: object,
  error: object,
});

/** OpenAI counts what was cached, or written to the cache, into the input; here the buckets are apart. */
export function fromResponsesUsage(usage: Json): Usage {
  const all = count(usage.input_tokens);
  const details = object.parse(usage.input_tokens_details);
  const cacheRead = Math.min(all, count(details?.cached_tokens));
  const cacheWrite = Math.min(all - cacheRead, count(details?.cache_write_tokens));
  // Reasoning is a part of the output; some servers leave it out of the output but not out of the total, and bill the total.
  const output = Math.max(count(usage.output_tokens), count(usage.total_tokens) - all);
  return { input: all - cacheRead - cacheWrite, cacheWrite, cacheRead, output };
}

/**
 * Reads the events of `POST /responses`, and a whole `response` of a server that does not stream.
 *
 * @param thinking whom the reasoning items belong to, whether the model thinks before it says a word (`always`), and whether the word
 *   of the endpoint counts on what it has charged (`charges`)
 */
export function createResponsesReader(
  newId: () => string,
  {
    always = false,
    charges = false,
    ...thinking
  }: { vendor: string; model: string; always?: boolean; charges?: boolean },
): StreamReader {
  const items = new Map<number, OpenItem>();
  let begun = false;
  let ended: { status: string; details: Json | undefined } | undefined;
  let failure: Json | undefined;
  let usage: Usage | undefined;
  let charged: number | undefined;

  /** By its id; else by its place, for some servers change the ids from event to event; else the newest. */
  function find(at: number | undefined, id: string | undefined): OpenItem {
    const place = at === undefined ? undefined : items.get(at);
    const last = at === undefined && id === undefined ? newest() : undefined;
    return named(id) ?? place ?? last ?? begin(at, id);
  }

  /** A new item, at the end where its place is taken: some servers give all items the same one. */
  function begin(at: number | undefined, id: string | undefined): OpenItem {
    const made = bare(id);
    const free = at !== undefined && !items.has(at);
    items.set(free ? at : Math.max(-1, ...items.keys()) + 1, made);
    return made;
  }

  const named = (id: string | undefined): OpenItem | undefined =>
    id === undefined ? undefined : [...items.values()].find((open) => open.id === id);
  const newest = (): OpenItem | undefined => [...items.values()].at(-1);

  function addPiece(said: z.infer<typeof event>): void {
    const { type, delta = '', content_index: at = 0 } = said;
    const open = () => find(said.output_index, said.item_id);
    const append = (to: OpenItem) => to.texts.set(at, (to.texts.get(at) ?? '') + delta);
    switch (type) {
      case 'response.output_text.delta':
        return void append(open());
      case 'response.output_text.done':
        if (said.text !== undefined) open().texts.set(at, said.text);
        return;
      case 'response.refusal.delta':
      case 'response.refusal.done': {
        const refused = open();
        refused.refused = true;
        if (type === 'response.refusal.delta') append(refused);
        else if (said.refusal !== undefined) refused.texts.set(at, said.refusal);
        return;
      }
      case 'response.function_call_arguments.delta':
        open().arguments += delta;
        return;
      case 'response.function_call_arguments.done':
        if (said.arguments !== undefined) open().arguments = argumentsText(said.arguments);
        return;
      default:
    }
  }

  function addItem({ type, item: given, output_index: at }: z.infer<typeof event>): void {
    if (!given) return;
    const id = text.parse(given.id);
    const open = type === 'response.output_item.added' ? (named(id) ?? begin(at, id)) : find(at, id);
    open.id ??= id;
    if (type === 'response.output_item.done') open.done = given;
    else open.start = given;
  }

  function addEnd(type: string, raw: Json): void {
    const response = whole.parse(raw);
    if (response.usage) {
      usage = fromResponsesUsage(response.usage);
      if (charges) charged = chargedOf(response.usage);
    }
    // Some servers end every stream with the same event and tell in the response how it ended.
    const byType = type === 'response.done' ? 'completed' : type.slice('response.'.length);
    const status = response.status ?? byType;
    // What the events did not bring, and all of it where there were none; some servers repeat nothing here.
    const before = new Map(items);
    for (const [at, given] of response.output.entries()) {
      const id = text.parse(given.id);
      const told = [...before.values()].find((open) => isSameCall(open, bare(id, given)));
      const place = before.get(at);
      const type = place?.done?.type ?? place?.start.type ?? given.type;
      const same = place !== undefined && type === given.type;
      const open = told ?? named(id) ?? (same ? place : begin(at, id));
      open.done ??= given;
    }
    if (status === 'failed' || (response.error && status !== 'completed')) {
      failure = response.error ?? { message: 'The response failed without a reason.', code: 'server_error' };
    } else if (status === 'completed' || status === 'incomplete') {
      ended = { status, details: response.incomplete_details };
    }
  }

  return {
    add(raw) {
      const parsed = event.safeParse(raw);
      if (!parsed.success) return;
      const said = parsed.data;
      const type = said.type ?? '';
      failure ??= flatError(raw);
      begun ||= /^response\.(created|queued|in_progress)$/.test(type);
      if (type === 'error') failure = { message: said.message ?? 'an error without words', code: said.code };
      else if (/^response\.(completed|incomplete|failed|cancelled|done)$/.test(type)) {
        addEnd(type, said.response ?? {});
      } else if (type.startsWith('response.output_item.')) addItem(said);
      else if (type !== '') addPiece(said);
      else if (isRecord(raw) && raw.object === 'response') addEnd('response.completed', raw);
    },
    thinks() {
      const open = newest();
      if (open === undefined) return begun && always;
      return open.done === undefined && open.start.type === 'reasoning';
    },
    state(): StreamState {
      const callId = createCallIds(newId);
      const ordered = [...items.entries()].sort(([one], [other]) => one - other).map(([, open]) => open);
      const once = ordered.filter((open, at) => !ordered.slice(0, at).some((each) => isSameCall(each, open)));
      const read = once.map((open) => readItem(open, callId, thinking));
      const parts = read.flatMap((each) => each.parts);
      const reply: AssistantMessage = { role: 'assistant', parts };
      const bill = usage && billable(usage, reply);
      const stop = failure ? undefined : stopOf(ended, read);
      return {
        message: reply,
        answering: items.size > 0 || usage !== undefined,
        ...(stop ? { stop } : {}),
        ...(bill ? { usage: bill } : {}),
        ...(charged === undefined ? {} : { charged }),
        ...(failure ? { error: failure } : {}),
      };
    },
  };
}

const bare = (id: string | undefined, start: Json = {}): OpenItem => ({
  ...{ id, start, texts: new Map(), refused: false, arguments: '' },
});

/** Why the model stopped; `undefined` as long as it has not said so. */
function stopOf(
  ended: { status: string; details: Json | undefined } | undefined,
  read: readonly ReadItem[],
): ModelReply['stop'] | undefined {
  if (ended === undefined) return undefined;
  if (ended.status === 'incomplete') {
    return text.parse(ended.details?.reason) === 'content_filter' ? 'refusal' : 'max_tokens';
  }
  if (read.some((each) => each.refused)) return 'refusal';
  if (read.some((each) => each.cut)) return 'max_tokens';
  return read.some((each) => each.parts.some((part) => part.type === 'tool_call')) ? 'tool_calls' : 'end';
}
