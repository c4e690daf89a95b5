import * as z from 'zod';
import type { AssistantMessage } from '../../factory/model/message.ts';
import { isRecord } from '../../lib/record.ts';
import { objects, text, words } from './doubt.ts';
import { keptReasoning, phasePart } from './responses-items.ts';
import { sameArguments, withoutSeed } from './text.ts';

type Json = Record<string, unknown>;

const item = z.object({
  id: text,
  type: text,
  status: text,
  call_id: text,
  name: text,
  arguments: z.unknown().optional(),
  content: objects,
  phase: text,
});

/** One item of the reply: what its events said, until the item itself comes whole. */
export interface OpenItem {
  id: string | undefined;
  start: Json;
  /** By the place among the item's contents. */
  texts: Map<number, string>;
  refused: boolean;
  arguments: string;
  done?: Json;
}

export const argumentsText = (given: unknown): string =>
  typeof given === 'string' ? given : isRecord(given) ? JSON.stringify(given) : '';

export interface ReadItem {
  parts: AssistantMessage['parts'];
  refused: boolean;
  /** A call that is not whole. */
  cut: boolean;
}

const isCall = (
  { type }: z.infer<typeof item>,
  { arguments: pieces }: Pick<OpenItem, 'arguments'>,
): boolean => type === 'function_call' || (type === undefined && pieces !== '');

const argumentsOf = (open: OpenItem, { arguments: given }: z.infer<typeof item>): string =>
  withoutSeed(argumentsText(open.done?.arguments) || open.arguments || argumentsText(given)) || '{}';

/** Both tell the same call, whatever ids their items have: it must not be run twice. */
export function isSameCall(one: OpenItem, other: OpenItem): boolean {
  const [first, second] = [one, other].map((open) => item.parse({ ...open.start, ...open.done }));
  if (!first?.call_id || first.call_id !== second?.call_id || first.name !== second.name) return false;
  if (!isCall(first, one) || !isCall(second, other)) return false;
  return sameArguments(argumentsOf(one, first), argumentsOf(other, second));
}

/** What an item of the output adds to the reply. */
export function readItem(
  open: OpenItem,
  callId: (id: string) => string,
  thinking: { vendor: string; model: string },
): ReadItem {
  const raw = { ...open.start, ...open.done };
  const given = item.parse(raw);
  const nothing = { parts: [], refused: false, cut: false };
  if (given.type === 'reasoning') {
    const data = keptReasoning(raw);
    return data ? { ...nothing, parts: [{ type: 'thinking', ...thinking, data }] } : nothing;
  }
  if (isCall(given, open)) {
    const args = argumentsOf(open, given);
    const id = callId(given.call_id ?? given.id ?? '');
    const cut = given.status === 'incomplete';
    return {
      parts: [{ type: 'tool_call', id, name: given.name ?? '', arguments: args }],
      refused: false,
      cut,
    };
  }
  if (given.type !== 'message' && open.texts.size === 0) return nothing;
  const { said, refused } = open.done ? saidWhole(given.content) : saidInPieces(open);
  if (said === '') return { ...nothing, refused };
  const phase: AssistantMessage['parts'] =
    given.phase === undefined ? [] : [{ type: 'thinking', ...thinking, data: phasePart(given.phase) }];
  return { parts: [...phase, { type: 'text', text: said }], refused, cut: false };
}

function saidWhole(content: readonly Json[]) {
  const refusals = content.map((part) => text.parse(part.refusal) ?? '');
  return {
    said: words.parse(content) + refusals.join(''),
    refused: content.some((part) => part.type === 'refusal'),
  };
}

function saidInPieces({ texts, refused }: OpenItem) {
  const ordered = [...texts.entries()].sort(([one], [other]) => one - other);
  return { said: ordered.map(([, said]) => said).join(''), refused };
}
