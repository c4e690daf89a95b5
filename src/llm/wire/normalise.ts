import type { ChatMessage, ToolMessage } from '../../factory/model/message.ts';
import { createIdMapper, type IdRule } from './ids.ts';
import { argumentsJson, isBlank, safeToolName, wellFormed } from './text.ts';

/** What the model is told in place of a result that never came. */
export const INTERRUPTED = 'interrupted; effects unknown; look before you repeat';
const NO_OUTPUT = '(no output)';
const GO_ON = 'Please continue.';

export interface WireCall {
  type: 'tool_call';
  id: string;
  name: string;
  /** JSON text of an object, always. */
  arguments: string;
  /** Fields beside the call that this vendor and model gave it. */
  opaque?: unknown;
}

export interface WireResult {
  id: string;
  output: string;
  isError: boolean;
}

export interface AssistantTurn {
  role: 'assistant';
  parts: ({ type: 'text'; text: string } | WireCall | { type: 'thinking'; data: unknown })[];
  /** Exactly one result for each call, in the order of the calls. */
  results: WireResult[];
  /** This vendor and model paused here: it goes on when the turn is sent back, with nothing after it. */
  paused: boolean;
}

/** The conversation in a form that every vendor accepts after a mere change of names. */
export type WireTurn = { role: 'user'; text: string } | AssistantTurn;

export interface NormaliseOptions {
  /** Thinking, and fields beside calls, are kept for this vendor and model only. */
  vendor: string;
  model: string;
  ids?: IdRule;
  /** Tool calls and results become plain text: for a request without tools, or when a vendor refuses the history. */
  plain?: boolean;
  keepThinking?: boolean;
}

/**
 * Brings a conversation into order for the wire. Pure.
 *
 * Holds afterwards: a user speaks first and last (or results, or a turn that this vendor paused, stand last); every call has exactly one result right after
 * it, a missing one says that it was interrupted; results without a call are told as text; blank texts and empty
 * messages are gone; ids, names and arguments are acceptable everywhere.
 */
export function normalise(messages: readonly ChatMessage[], options: NormaliseOptions): WireTurn[] {
  const mapId = createIdMapper(options.ids ?? 'common');
  const turns: WireTurn[] = [];
  for (let index = 0; index < messages.length; ) {
    const message = messages[index];
    index += 1;
    if (!message) continue;
    if (message.role === 'user') {
      pushUser(turns, message.text);
    } else if (message.role === 'tool') {
      pushUser(turns, toldResult(message));
    } else {
      const end = endOfTurn(messages, index);
      pushAssistant(turns, message, messages.slice(index, end), options, mapId);
      index = end;
    }
  }
  if (turns[0]?.role !== 'user') turns.unshift({ role: 'user', text: GO_ON });
  const last = turns.at(-1);
  if (last?.role === 'assistant' && last.results.length === 0 && !last.paused) {
    turns.push({ role: 'user', text: GO_ON });
  }
  return turns;
}

function pushUser(turns: WireTurn[], text: string): void {
  if (!isBlank(text)) turns.push({ role: 'user', text: wellFormed(text) });
}

/** Index of the next assistant message: what stands before it belongs to the turn. */
function endOfTurn(messages: readonly ChatMessage[], from: number): number {
  const found = messages.findIndex((message, index) => index >= from && message.role === 'assistant');
  return found < 0 ? messages.length : found;
}

const toldResult = (message: ToolMessage) =>
  `Result of an earlier call of ${safeToolName(message.name)}:\n${message.output}`;

type Assistant = Extract<ChatMessage, { role: 'assistant' }>;

function pushAssistant(
  turns: WireTurn[],
  message: Assistant,
  following: readonly ChatMessage[],
  options: NormaliseOptions,
  mapId: (id: string) => string,
): void {
  const results = new Map<string, ToolMessage>();
  const others: string[] = [];
  const called = new Set(message.parts.flatMap((part) => (part.type === 'tool_call' ? [part.id] : [])));
  for (const next of following) {
    if (next.role === 'user') others.push(next.text);
    else if (next.role === 'tool' && called.has(next.callId) && !results.has(next.callId)) {
      results.set(next.callId, next);
    } else if (next.role === 'tool') others.push(toldResult(next));
  }
  const turn = assistantTurn(message, results, options, mapId);
  if (options.plain) turns.push(...told(turn));
  else if (turn.paused || turn.parts.some((part) => part.type !== 'thinking')) turns.push(turn);
  for (const text of others) pushUser(turns, text);
}

function assistantTurn(
  message: Assistant,
  results: ReadonlyMap<string, ToolMessage>,
  options: NormaliseOptions,
  mapId: (id: string) => string,
): AssistantTurn {
  const isOwn = (from: { vendor: string; model: string } | undefined) =>
    from?.vendor === options.vendor && from.model === options.model;
  const kept = options.keepThinking !== false;
  const turn: AssistantTurn = { role: 'assistant', parts: [], results: [], paused: isOwn(message.paused) };
  // Two calls of one message with the same id share a result: each gets its own wire id.
  for (const part of message.parts) {
    if (part.type === 'text') {
      if (!isBlank(part.text)) turn.parts.push({ type: 'text', text: wellFormed(part.text) });
    } else if (part.type === 'thinking') {
      if (kept && isOwn(part)) turn.parts.push({ type: 'thinking', data: part.data });
    } else {
      const id = mapId(part.id);
      turn.parts.push({
        type: 'tool_call',
        id,
        name: safeToolName(part.name),
        arguments: argumentsJson(part.arguments),
        ...(kept && part.opaque && isOwn(part.opaque) ? { opaque: part.opaque.data } : {}),
      });
      turn.results.push(wireResult(id, results.get(part.id)));
    }
  }
  return { ...turn, paused: turn.paused && turn.parts.length > 0 && turn.results.length === 0 };
}

function wireResult(id: string, message: ToolMessage | undefined): WireResult {
  if (!message) return { id, output: INTERRUPTED, isError: true };
  const output = isBlank(message.output) ? NO_OUTPUT : wellFormed(message.output);
  return { id, output, isError: message.isError };
}

/** A turn with its calls and their results as plain text. */
export function told(turn: AssistantTurn): WireTurn[] {
  const said = turn.parts.flatMap((part) => {
    if (part.type === 'text') return [part.text];
    return part.type === 'tool_call' ? [`[called ${part.name} with ${part.arguments}]`] : [];
  });
  const names = new Map(
    turn.parts.flatMap((part) => (part.type === 'tool_call' ? [[part.id, part.name] as const] : [])),
  );
  const text = said.join('\n');
  return [
    ...(said.length > 0
      ? [{ ...turn, parts: [{ type: 'text' as const, text }], results: [], paused: false }]
      : []),
    ...turn.results.map((result) => ({
      role: 'user' as const,
      text: `[result of ${names.get(result.id) ?? 'a call'}]\n${result.output}`,
    })),
  ];
}
