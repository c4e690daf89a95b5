import { textOf, toolCalls, withUniqueCallIds } from '../agent/memory/conversation.ts';
import type { AssistantMessage } from '../model/message.ts';
import type { JournalSession } from '../agent/memory/memory-types.ts';
import { clip } from '../../lib/text/text.ts';
import { AUDITOR } from '../model/agents.ts';
import type { Project } from '../model/project.ts';
import { JUDGE_SYSTEM_PROMPT, type Opinion } from './audit.ts';
import type { Task } from '../model/task.ts';
import { readVerdict, repairPrompt } from './verdict.ts';
import type { Services } from '../../services.ts';
import { type AuditBook, messagesOf, type Said } from './transcript.ts';
import { type JudgeHands, judgeContext, judgeTools } from './tools.ts';
import type { NotNow } from '../lifecycle/not-now.ts';

const ANSWER_TOKENS = 4_096;
/** Looks that are taken of one reply. */
const MAX_LOOKS = 8;
/** After the last look: the answer, and the one repair. */
const LAST_WORDS = 2;

export interface Court {
  services: Services;
  project: Project;
  session: JournalSession;
  book: AuditBook;
  hands: JudgeHands;
  signal: AbortSignal;
}

export type Heard = Opinion | { notNow: NotNow } | 'interrupted';

/**
 * Hears a judge on one task: it may look for a bounded number of turns, then it must answer; an answer in another form is
 * sent back once. Every word is journalled before it counts, so a hearing is taken up where another worker left it, and
 * what was paid for is not asked again.
 */
export async function hear(court: Court, task: Task, question: string): Promise<Heard> {
  const words = court.book.hearing(task.id);
  const turns = court.services.config.audits.judgeTurns;
  for (;;) {
    if (court.signal.aborted) return 'interrupted';
    const last = words.at(-1);
    if (last?.message.role !== 'assistant') {
      const asked = await ask(court, task, question, words);
      if (asked === 'replied') continue;
      return asked;
    }
    const replies = words.filter(({ message }) => message.role === 'assistant').length;
    const over = replies >= turns + LAST_WORDS;
    if (toolCalls(last.message).length > 0) {
      if (over) return { judge: last.judge, verdict: null };
      await answerCalls(court, task, words, last.message, replies < turns);
      continue;
    }
    const read = readVerdict(textOf(last.message));
    if (read.ok) return { judge: last.judge, verdict: read.verdict };
    const repaired = words.some(({ message }) => message.role === 'user');
    if (repaired || over) return { judge: last.judge, verdict: null };
    await say(court, task, words, [
      { judge: last.judge, message: { role: 'user', text: repairPrompt(read.problem) } },
    ]);
  }
}

/** Journals words of the factory; those of the judge are journalled with the reply. */
async function say(court: Court, task: Task, words: Said[], added: readonly Said[]): Promise<void> {
  const notes = added.map((each, index) => court.book.noteSaid(task.id, words.length + index, each));
  await court.session.append(...notes);
  words.push(...added);
}

async function ask(
  court: Court,
  task: Task,
  question: string,
  words: Said[],
): Promise<'replied' | Opinion | { notNow: NotNow } | 'interrupted'> {
  const { services, project, session } = court;
  const finance = await services.finance();
  const author = (await services.state.finance(project.id).get()).currentProviderId;
  const outcome = await finance.complete({
    projectId: project.id,
    operation: 'audit',
    persona: AUDITOR,
    step: session.step,
    taskId: task.id,
    request: {
      system: JUDGE_SYSTEM_PROMPT,
      messages: [{ role: 'user', text: question }, ...messagesOf(words)],
      tools: judgeTools(court.hands, task).specs,
      maxOutputTokens: ANSWER_TOKENS,
    },
    ...(author === undefined ? {} : { avoidProvider: author }),
    signal: court.signal,
    opened: (record) => session.append({ type: 'request', ...record }),
    failed: (record) => session.append({ type: 'request_failed', ...record }),
    async replied(record) {
      const message = withUniqueCallIds(record.message, messagesOf(words), words.length);
      const heard: Said = { judge: record.provider, message };
      const note = court.book.noteSaid(task.id, words.length, heard);
      await session.append({ type: 'reply', ...record, message }, note);
      words.push(heard);
    },
  });
  switch (outcome.kind) {
    case 'reply':
      return 'replied';
    case 'aborted':
      return 'interrupted';
    case 'context':
      return {
        notNow: {
          kind: 'refused',
          detail: `No judge can read what an audit must show it: ${outcome.detail}`,
        },
      };
    default:
      return { notNow: outcome };
  }
}

/** Looks are harmless and may be taken again after a crash; their results are journalled together. */
async function answerCalls(
  court: Court,
  task: Task,
  words: Said[],
  message: AssistantMessage,
  mayLook: boolean,
): Promise<void> {
  const judge = words.at(-1)?.judge ?? '';
  const tools = judgeTools(court.hands, task);
  const context = judgeContext(court.hands);
  const results: Said[] = [];
  for (const [index, call] of toolCalls(message).entries()) {
    const tool = tools.find(call.name);
    const outcome =
      !mayLook || index >= MAX_LOOKS
        ? { output: 'Not run: you have looked enough. Answer with the JSON object now.', isError: true }
        : tool === undefined
          ? { output: tools.unknown(call.name), isError: true }
          : await tool.run(call.arguments, context, {
              key: `${AUDITOR}/${court.session.step}/${words.length + index}`,
              signal: court.signal,
              check: court.session.check,
            });
    const { output, isError } = outcome;
    results.push({
      judge,
      message: { role: 'tool', callId: call.id, name: call.name, output: clip(output), isError },
    });
  }
  if (court.signal.aborted) return;
  await say(court, task, words, results);
}
