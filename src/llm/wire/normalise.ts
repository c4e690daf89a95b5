import type { ChatMessage, ToolMessage } from '../../factory/agent/message.ts';
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
}

export interface WireResult {
  id: string;
  output: string;
  isError: boolean;
}

/** The conversation in a form that every vendor accepts after a mere change of names. */
export type WireTurn =
  | { role: 'user'; text: string }
  | {
      role: 'assistant';
      parts: ({ type: 'text'; text: string } | WireCall | { type: 'thinking'; data: unknown })[];
      /** Exactly one result for each call, in the order of the calls. */
      results: WireResult[];
    };

export interface NormaliseOptions {
  /** Thinking is kept for this vendor and model only. */
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
 * Holds afterwards: a user speaks first and last (or results stand last); every call has exactly one result right after
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
  if (last?.role === 'assistant' && last.results.length === 0) turns.push({ role: 'user', text: GO_ON });
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
  if (options.plain) pushPlain(turns, turn);
  else if (turn.parts.some((part) => part.type !== 'thinking')) turns.push(turn);
  for (const text of others) pushUser(turns, text);
}

function assistantTurn(
  message: Assistant,
  results: ReadonlyMap<string, ToolMessage>,
  options: NormaliseOptions,
  mapId: (id: string) => string,
): Extract<WireTurn, { role: 'assistant' }> {
  const turn: Extract<WireTurn, { role: 'assistant' }> = { role: 'assistant', parts: [], results: [] };
  // Two calls of one message with the same id share a result: each gets its own wire id.
  for (const part of message.parts) {
    if (part.type === 'text') {
      if (!isBlank(part.text)) turn.parts.push({ type: 'text', text: wellFormed(part.text) });
    } else if (part.type === 'thinking') {
      const own = part.vendor === options.vendor && part.model === options.model;
      if (own && options.keepThinking !== false) turn.parts.push({ type: 'thinking', data: part.data });
    } else {
      const id = mapId(part.id);
      turn.parts.push({
        type: 'tool_call',
        id,
        name: safeToolName(part.name),
        arguments: argumentsJson(part.arguments),
      });
      turn.results.push(wireResult(id, results.get(part.id)));
    }
  }
  return turn;
}

function wireResult(id: string, message: ToolMessage | undefined): WireResult {
  if (!message) return { id, output: INTERRUPTED, isError: true };
  const output = isBlank(message.output) ? NO_OUTPUT : wellFormed(message.output);
  return { id, output, isError: message.isError };
}

function pushPlain(turns: WireTurn[], turn: Extract<WireTurn, { role: 'assistant' }>): void {
  const said = turn.parts.flatMap((part) => {
    if (part.type === 'text') return [part.text];
    return part.type === 'tool_call' ? [`[called ${part.name} with ${part.arguments}]`] : [];
  });
  if (said.length > 0) {
    turns.push({ role: 'assistant', parts: [{ type: 'text', text: said.join('\n') }], results: [] });
  }
  const names = new Map(
    turn.parts.flatMap((part) => (part.type === 'tool_call' ? [[part.id, part.name] as const] : [])),
  );
  for (const result of turn.results) {
    pushUser(turns, `[result of ${names.get(result.id) ?? 'a call'}]\n${result.output}`);
  }
}
