import { clip } from '../../lib/text/text.ts';
import { textOf, toolCalls } from '../agent/memory/conversation.ts';
import type { JournalSession } from '../agent/memory/memory-types.ts';
import { withBooks } from '../agent/turn/paid.ts';
import type { NotNow } from '../agent/turn/turn-types.ts';
import type { LookDeps } from '../gates/run/look.ts';
import { AUDITOR } from '../model/agents.ts';
import type { AssistantMessage } from '../model/message.ts';
import type { Project } from '../model/project.ts';
import type { Task } from '../model/task.ts';
import { JUDGE_SYSTEM_PROMPT, type Opinion } from './audit.ts';
import { type AuditDeps, notTheAuthor } from './deps.ts';
import { judgeTools } from './tools.ts';
import { type AuditTranscript, messagesOf, type TranscriptEntry } from './transcript.ts';
import { readVerdict, repairPrompt } from './verdict.ts';

const MAX_ANSWER_TOKENS = 4_096;
/** Looks that are taken of one reply. */
const MAX_LOOKS = 8;
/** After the last look: the answer, and the one repair. */
const LAST_TURNS = 2;

/** What is asked of judges in one audit, and where their answers stand. */
export interface JudgeSession {
  deps: AuditDeps;
  project: Project;
  session: JournalSession;
  transcript: AuditTranscript;
  /** Where a judge looks. */
  look: LookDeps;
  signal: AbortSignal;
}

export type Asked = Opinion | { notNow: NotNow } | 'interrupted';

/**
 * Asks a judge about one task: it may look for a bounded number of turns, then it must answer; an answer in another form is sent
 * back once. Every word is journalled before it counts, so the question is taken up where another worker left it, and what was
 * paid for is not asked again.
 */
export async function askJudge(judging: JudgeSession, task: Task, question: string): Promise<Asked> {
  const words = judging.transcript.of(task.id);
  const turns = judging.deps.config.audits.judgeTurns;
  for (;;) {
    if (judging.signal.aborted) return 'interrupted';
    const last = words.at(-1);
    if (last?.message.role !== 'assistant') {
      const asked = await ask(judging, task, question, words);
      if (asked === 'replied') continue;
      return asked;
    }
    const replies = words.filter(({ message }) => message.role === 'assistant').length;
    const over = replies >= turns + LAST_TURNS;
    if (toolCalls(last.message).length > 0) {
      if (over) return { judge: last.judge, verdict: null };
      await answerCalls(judging, task, words, last.message, replies < turns);
      continue;
    }
    const read = readVerdict(textOf(last.message));
    if (read.ok) return { judge: last.judge, verdict: read.verdict };
    const repaired = words.some(({ message }) => message.role === 'user');
    if (repaired || over) return { judge: last.judge, verdict: null };
    await say(judging, task, words, [
      { judge: last.judge, message: { role: 'user', text: repairPrompt(read.problem) } },
    ]);
  }
}

/** Journals words of the factory; those of the judge are journalled with the reply. */
async function say(
  judging: JudgeSession,
  task: Task,
  words: TranscriptEntry[],
  added: readonly TranscriptEntry[],
): Promise<void> {
  const notes = added.map((each, index) => judging.transcript.note(task.id, words.length + index, each));
  await judging.session.append(...notes);
  words.push(...added);
}

async function ask(
  { deps, project, session, transcript, look, signal }: JudgeSession,
  task: Task,
  question: string,
  words: TranscriptEntry[],
): Promise<'replied' | Asked> {
  const outcome = await deps.finance.complete({
    projectId: project.id,
    operation: 'audit',
    persona: AUDITOR,
    taskId: task.id,
    request: {
      system: JUDGE_SYSTEM_PROMPT,
      messages: [{ role: 'user', text: question }, ...messagesOf(words)],
      tools: judgeTools(look, task).specs,
      maxOutputTokens: MAX_ANSWER_TOKENS,
    },
    ...(await notTheAuthor(deps.state, project.id)),
    signal,
    ...withBooks(session, {
      conversation: () => messagesOf(words),
      number: words.length,
      beside(message, judge) {
        const note = transcript.note(task.id, words.length, { judge, message });
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
  judging: JudgeSession,
  task: Task,
  words: TranscriptEntry[],
  message: AssistantMessage,
  mayLook: boolean,
): Promise<void> {
  const judge = words.at(-1)?.judge ?? '';
  const { session, look, signal } = judging;
  const tools = judgeTools(look, task);
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
  await say(judging, task, words, results);
}
