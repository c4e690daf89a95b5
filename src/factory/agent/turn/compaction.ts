import { brief, clip } from '../../../lib/text/text.ts';
import type { ChatMessage } from '../../model/message.ts';
import { tokensOf } from '../../model/money/finance.ts';
import { characters, textOf, toolCalls } from '../memory/conversation.ts';
import type { AgentMemory, JournalSession } from '../memory/memory-types.ts';
import { callbacks, withoutReply } from './paid.ts';
import type { TurnDeps, TurnLimits, TurnOutcome } from './turn-types.ts';

/** Tokenizers cost more than they tell: four characters a token is within a few percent for prose and code. */
const CHARACTERS_PER_TOKEN = 4;
/** No vendor counts fewer tokens than this; endpoints that report only what they did not have in a cache do. */
const MOST_CHARACTERS_PER_TOKEN = 6;
const SUMMARY_TOKENS = 4_096;

/** Shares of the room for the conversation. */
const KEEP = 0.3;
const KEEP_LAST_TURN = 0.6;
const FACTS = 0.2;
const MECHANICAL = 0.1;
const WORTH_IT = 0.25;

const HEADING = '# Summary of the conversation so far';

const SUMMARISE =
  'Your conversation is about to be replaced by a summary, to make room. Write that summary now, for yourself, as plain ' +
  'text and without a tool call: what was asked and decided; what was done, with files, functions, commands and outcomes; ' +
  'what was tried and did not work, and why; what is half done; what comes next. Keep names, paths, commands and error ' +
  'texts exact. Leave out the task list, criteria, decisions, commits and gate results: they are added word for word.';

/** Tokens that the conversation may have. */
function roomFor({ contextTokens, compactAt, replyTokens }: TurnLimits): number {
  const wanted = Math.min(contextTokens * compactAt, contextTokens - replyTokens);
  return Math.max(contextTokens / 4, wanted);
}

/** From the usage of the newest reply and what came after it; from the number of characters where there is none. */
export function estimateTokens(memory: AgentMemory, fixedCharacters: number): number {
  const total = memory.characters + fixedCharacters;
  const measured = memory.measured === undefined ? 0 : tokensOf(memory.measured.usage);
  if (memory.measured === undefined || measured === 0) return total / CHARACTERS_PER_TOKEN;
  const since = memory.characters - memory.measured.characters;
  return Math.max(measured + since / CHARACTERS_PER_TOKEN, total / MOST_CHARACTERS_PER_TOKEN);
}

/** Tokens of the next request. */
export function promptTokens(deps: Pick<TurnDeps, 'system' | 'tools'>, memory: AgentMemory): number {
  return estimateTokens(memory, deps.system.length + JSON.stringify(deps.tools.specs).length);
}

export function isTooLong(deps: TurnDeps, memory: AgentMemory): boolean {
  return promptTokens(deps, memory) > roomFor(deps.limits);
}

/**
 * How many of the newest messages to keep: whole turns (a call is never parted from its result) within `budget`
 * characters, and the last turn alone also within `lastTurn`.
 */
export function keepRecent(
  conversation: readonly ChatMessage[],
  pinned: number,
  budget: number,
  lastTurn: number,
): number {
  let kept = 0;
  let size = 0;
  for (let index = conversation.length - 1; index >= pinned; index -= 1) {
    const message = conversation[index];
    if (message === undefined) break;
    size += characters(message);
    if (size > (kept === 0 ? lastTurn : budget)) break;
    if (message.role !== 'tool') kept = conversation.length - index;
  }
  return kept;
}

/**
 * Replaces the older part of the conversation by a summary and the facts word for word.
 *
 * `when_long`: the model writes the summary; the factory does when the model cannot.
 * `refused_as_long`: a vendor refused, or the reply filled its window, so nobody knows the true size; the factory writes it and keeps a quarter.
 * `refused`: the factory writes it and keeps nothing.
 *
 * @returns `null` when it is done or there is nothing to gain; otherwise why the turn must end now
 */
export async function compact(
  deps: TurnDeps,
  session: JournalSession,
  signal: AbortSignal,
  how: 'when_long' | 'refused_as_long' | 'refused',
): Promise<TurnOutcome | null> {
  const { conversation, pinned, characters: total } = session.memory;
  const room = roomFor(deps.limits) * CHARACTERS_PER_TOKEN;
  const keep =
    how === 'refused'
      ? 0
      : how === 'when_long'
        ? keepRecent(conversation, pinned, room * KEEP, room * KEEP_LAST_TURN)
        : keepRecent(conversation, pinned, total / 4, total / 4);
  const older = conversation.slice(pinned, conversation.length - keep);
  // Without this, a conversation whose opening and facts nearly fill the room would be compacted, and paid for, on every turn.
  if (older.length === 0) return null;
  if (how === 'when_long' && gain(older) < room * WORTH_IT) return null;

  let summary: string | null = null;
  if (how === 'when_long') {
    const asked = await askForSummary(
      deps,
      session,
      signal,
      conversation.slice(0, conversation.length - keep),
    );
    if (typeof asked !== 'string' && asked !== null) return asked;
    summary = asked;
  }
  const facts = clip(await deps.wordForWord(), Math.max(4_000, Math.floor(room * FACTS)));
  const text = compactedText(
    summary ?? mechanicalSummary(older, Math.max(2_000, Math.floor(room * MECHANICAL))),
    facts,
  );
  const by = summary === null ? 'factory' : 'model';
  await session.append({ type: 'compacted', text, keep, by });
  deps.watch?.({ type: 'compacted', by });
  return null;
}

/** Characters that a summary could do away with: an earlier summary is only replaced by one like it. */
function gain(older: readonly ChatMessage[]): number {
  return older
    .filter((message) => message.role !== 'user' || !message.text.startsWith(HEADING))
    .reduce((sum, message) => sum + characters(message), 0);
}

/** The summary; `null` when the model gave none; an outcome when the call has to wait. */
async function askForSummary(
  deps: TurnDeps,
  session: JournalSession,
  signal: AbortSignal,
  messages: readonly ChatMessage[],
): Promise<string | TurnOutcome | null> {
  if (session.memory.paidSummary === undefined) {
    const outcome = await deps.finance.complete({
      ...callbacks(deps, session),
      operation: 'compaction',
      request: {
        // The same beginning as the turns before: most of it is in the vendor's cache.
        system: deps.system,
        messages: [...messages, { role: 'user', text: SUMMARISE }],
        tools: deps.tools.specs,
        ...(deps.effort === undefined ? {} : { effort: deps.effort }),
        maxOutputTokens: SUMMARY_TOKENS,
      },
      signal,
    });
    if (outcome.kind === 'context' || outcome.kind === 'refused') return null;
    if (outcome.kind !== 'reply') return withoutReply(outcome);
  }
  const paid = session.memory.paidSummary;
  return paid === undefined ? null : textOf(paid.message) || null;
}

function compactedText(summary: string, facts: string): string {
  return (
    `${HEADING}\n\n` +
    'The older part of the conversation was replaced by this summary to make room. The files are as you left them.\n\n' +
    `${summary.trim()}\n\n# The facts, word for word\n\n${facts.trim()}`
  );
}

/** What can be said without a model: who called what, and how it ended. The newest lines survive. */
export function mechanicalSummary(messages: readonly ChatMessage[], maxCharacters: number): string {
  const outcomes = new Map(
    messages.flatMap((message) =>
      message.role === 'tool' ? [[message.callId, brief(message.output, 160)] as const] : [],
    ),
  );
  const lines = messages.flatMap((message): string[] => {
    if (message.role === 'tool') return [];
    if (message.role === 'user') return [`Told: ${clip(message.text, 3_000)}`];
    const said = textOf(message);
    return [
      ...(said === '' ? [] : [`You said: ${brief(said, 400)}`]),
      ...toolCalls(message).map(
        ({ id, name, arguments: given }) =>
          `You called ${name} ${brief(given, 240)} → ${outcomes.get(id) ?? 'no result'}`,
      ),
    ];
  });
  const kept: string[] = [];
  let room = maxCharacters;
  for (const line of lines.reverse()) {
    room -= line.length + 1;
    if (room < 0) break;
    kept.unshift(line);
  }
  const dropped = lines.length - kept.length;
  return [...(dropped > 0 ? [`(${dropped} earlier entries left out)`] : []), ...kept].join('\n');
}
