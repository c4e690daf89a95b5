import { clip } from '../../lib/text/text.ts';
import { textOf, toolCalls } from '../agent/memory/conversation.ts';
import type { JournalSession } from '../agent/memory/memory-types.ts';
import type { Toolbox } from '../agent/tools/toolbox.ts';
import { withBooks } from '../agent/turn/paid.ts';
import type { NotNow } from '../agent/turn/turn-types.ts';
import { AUDITOR } from '../model/agents.ts';
import type { AssistantMessage, ChatMessage } from '../model/message.ts';
import type { FinanceManager, PaidCall } from '../ports.ts';
import type { ReadAnswer } from './answer.ts';
import { type HearingTranscript, messagesOf, type TranscriptEntry } from './transcript.ts';

/** Looks that are taken of one reply. */
const MAX_LOOKS = 8;
/** After the last look: the answer, and the one repair. */
const LAST_TURNS = 2;

/** What hearings of one round share. */
export interface HearingSession {
  finance: FinanceManager;
  projectId: string;
  session: JournalSession;
  transcript: HearingTranscript;
  signal: AbortSignal;
}

/** Somebody is asked, may look for a bounded number of turns, and must then answer in one form. */
export interface Hearing<T> {
  /** Of its words in the round: nothing else has it, and what is judged is part of it, for the branch may move before they are taken up. */
  key: string;
  taskId?: string;
  system: string;
  /** Ends with the question. */
  opening: readonly ChatMessage[];
  tools: Toolbox;
  /** In which it may look. */
  turns: number;
  maxAnswerTokens: number;
  avoidProvider?: PaidCall['avoidProvider'];
  read(answer: string): ReadAnswer<T>;
  /** The one chance to say it in the form that was asked for. */
  repair(problem: string): string;
}

/** `answer: null`: none that could be read, also when asked again. */
export interface Heard<T> {
  judge: string;
  answer: T | null;
}
export type Asked<T> = Heard<T> | { notNow: NotNow } | 'interrupted';

/**
 * Holds a hearing: whoever is asked may look for a bounded number of turns, then it must answer; an answer in another form is sent
 * back once. Every word is journalled before it counts, so the question is taken up where another worker left it, and what was
 * paid for is not asked again.
 */
export async function hear<T>(at: HearingSession, hearing: Hearing<T>): Promise<Asked<T>> {
  const words = at.transcript.of(hearing.key);
  for (;;) {
    if (at.signal.aborted) return 'interrupted';
    const last = words.at(-1);
    if (last?.message.role !== 'assistant') {
      const asked = await ask(at, hearing, words);
      if (asked === 'replied') continue;
      return asked;
    }
    const replies = words.filter(({ message }) => message.role === 'assistant').length;
    const over = replies >= hearing.turns + LAST_TURNS;
    if (toolCalls(last.message).length > 0) {
      if (over) return { judge: last.judge, answer: null };
      await answerCalls(at, hearing, words, last.message, replies < hearing.turns);
      continue;
    }
    const read = hearing.read(textOf(last.message));
    if (read.ok) return { judge: last.judge, answer: read.value };
    const repaired = words.some(({ message }) => message.role === 'user');
    if (repaired || over) return { judge: last.judge, answer: null };
    await say(at, hearing, words, [
      { judge: last.judge, message: { role: 'user', text: hearing.repair(read.problem) } },
    ]);
  }
}

/** Journals words of the factory; those of whoever is heard are journalled with the reply. */
async function say(
  { session, transcript }: HearingSession,
  { key }: Pick<Hearing<unknown>, 'key'>,
  words: TranscriptEntry[],
  added: readonly TranscriptEntry[],
): Promise<void> {
  const notes = added.map((each, index) => transcript.note(key, words.length + index, each));
  await session.append(...notes);
  words.push(...added);
}

async function ask<T>(
  { finance, projectId, session, transcript, signal }: HearingSession,
  { key, taskId, system, opening, tools, maxAnswerTokens, avoidProvider }: Hearing<T>,
  words: TranscriptEntry[],
): Promise<'replied' | Asked<T>> {
  const outcome = await finance.complete({
    projectId,
    operation: 'audit',
    persona: AUDITOR,
    ...(taskId === undefined ? {} : { taskId }),
    request: {
      system,
      messages: [...opening, ...messagesOf(words)],
      tools: tools.specs,
      maxOutputTokens: maxAnswerTokens,
    },
    ...(avoidProvider === undefined ? {} : { avoidProvider }),
    signal,
    ...withBooks(session, {
      conversation: () => [...opening, ...messagesOf(words)],
      number: words.length,
      beside(message, judge) {
        const note = transcript.note(key, words.length, { judge, message });
        words.push({ judge, message });
        return [note];
      },
    }),
  });
  switch (outcome.kind) {
    case 'reply':
      return 'replied';
    case 'aborted':
      return 'interrupted';
    case 'context':
      return {
        notNow: outcome.otherwise ?? {
          kind: 'refused',
          detail: `No judge can read what an audit must show it: ${outcome.detail}`,
        },
      };
    default:
      return { notNow: outcome };
  }
}

/** Looks are harmless and may be taken again after a crash; their results are journalled together. */
async function answerCalls<T>(
  at: HearingSession,
  hearing: Hearing<T>,
  words: TranscriptEntry[],
  message: AssistantMessage,
  mayLook: boolean,
): Promise<void> {
  const judge = words.at(-1)?.judge ?? '';
  const { session, signal } = at;
  const { tools } = hearing;
  const results: TranscriptEntry[] = [];
  for (const [index, call] of toolCalls(message).entries()) {
    const tool = tools.find(call.name);
    const outcome =
      !mayLook || index >= MAX_LOOKS
        ? { output: 'Not run: you have looked enough. Answer with the JSON object now.', isError: true }
        : tool === undefined
          ? { output: tools.unknown(call.name), isError: true }
          : await tool.run(call.arguments, {
              key: `${AUDITOR}/${session.step}/${words.length + index}`,
              signal,
              check: session.check,
            });
    const { output, isError } = outcome;
    results.push({
      judge,
      message: { role: 'tool', callId: call.id, name: call.name, output: clip(output), isError },
    });
  }
  if (signal.aborted) return;
  await say(at, hearing, words, results);
}
