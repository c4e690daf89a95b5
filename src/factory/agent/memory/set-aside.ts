import type { JournalEntry } from '../../model/journal.ts';
import { characters, presentable } from './conversation.ts';
import type { AgentMemory, JournalSession } from './memory-types.ts';

/**
 * A reply that was cut, and may have more room, is put aside and asked for again, once in a step and before any of its calls is
 * run. The journal says so first: a crash afterwards asks for it again, and pays for nothing twice that was paid.
 */
export async function setAsideIfCut({ memory, append }: JournalSession): Promise<boolean> {
  const { position, aside } = memory;
  if (position.at !== 'acting' || aside !== undefined) return false;
  const { requestId, stop, more } = position.reply;
  const untouched = position.calls.every(({ state }) => state === 'waiting');
  if (stop !== 'max_tokens' || more === undefined || !untouched) return false;
  await append({ type: 'set_aside', requestId, more });
  return true;
}

type Kept = Pick<AgentMemory, 'conversation' | 'characters' | 'position' | 'measured' | 'aside'>;

/** What is remembered when a reply was set aside: its words and calls as if it had not come; what it cost stays. */
export function withoutCut(
  { conversation, characters: length, position, measured }: Kept,
  { requestId, more }: Extract<JournalEntry, { type: 'set_aside' }>,
): Partial<Kept> {
  if (position.at !== 'acting' || position.reply.requestId !== requestId) return {};
  const said = presentable(position.reply.message);
  const before = said === null ? length : length - characters(said);
  return {
    conversation: said === null ? conversation : conversation.slice(0, -1),
    characters: before,
    position: { at: 'asking' },
    aside: { more },
    ...(measured === undefined
      ? {}
      : { measured: { usage: { ...measured.usage, output: 0 }, characters: before } }),
  };
}

/** Kinds of failures in which the request itself is refused. */
const REFUSED: ReadonlySet<string> = new Set(['request', 'malformed', 'context']);

/**
 * What is remembered when a request failed that asked for a cut reply again: where it was refused, the room that it was given may be
 * why, so the rest of the step is asked for with what is usual. Otherwise the same request would be refused for ever.
 */
export function withoutRoom(
  { aside }: Pick<AgentMemory, 'aside'>,
  { kind }: Extract<JournalEntry, { type: 'request_failed' }>,
): Pick<AgentMemory, 'aside'> {
  return aside?.more !== undefined && REFUSED.has(kind) ? { aside: {} } : {};
}
