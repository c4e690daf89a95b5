import { expecting } from '../../lib/errno.ts';
import { DarkFactoryError, isFailure } from '../../lib/failure.ts';
import { brief } from '../../lib/text/text.ts';
import type { Project } from '../model/project.ts';
import { DEFAULT, nameOf, type TalkEntry } from '../model/talk.ts';
import type { StateStore } from '../ports.ts';
import { checkedWords, type TalkDeps } from './messages.ts';

/** What an agent asks its owner: what `df questions` prints. */
export interface Question {
  id: string;
  /** Where it was asked; an answer counts for what was forked from it since, too. */
  projectId: string;
  persona: string;
  question: string;
  options?: string[] | undefined;
  /** What the agent goes on with when nobody answers in time. */
  default?: string | undefined;
  /** The task that hangs on it. */
  taskId?: string | undefined;
  askedAt: Date;
  answer?: string;
  answeredAt?: Date;
  /** Who answered; `default`: nobody did. */
  by?: string;
}

/** With whether an answer is still taken. */
export interface ShownQuestion extends Question {
  /** Nobody has answered, and its project has not ended. */
  open: boolean;
}

export const isUnanswered = ({ answer }: Question): boolean => answer === undefined;

/** The questions of a project's log, oldest first. */
export function questionsIn(projectId: string, entries: readonly TalkEntry[]): Question[] {
  return entries.flatMap((entry) => {
    if (entry.type !== 'question') return [];
    const { type: _type, at, ...asked } = entry;
    const first = entries.find((each) => each.type === 'answer' && each.question === entry.id);
    if (first?.type !== 'answer') return { ...asked, projectId, askedAt: new Date(at) };
    const { text: answer, by } = first;
    return { ...asked, projectId, askedAt: new Date(at), answer, answeredAt: new Date(first.at), by };
  });
}

/** With those of the projects that it was forked from: a branch goes on with what was asked before. */
export async function questionsOf(
  state: Pick<StateStore, 'project' | 'talk'>,
  { id, parentProjectId }: Pick<Project, 'id' | 'parentProjectId'>,
): Promise<Question[]> {
  const own = questionsIn(id, await state.talk(id).entries());
  if (parentProjectId === undefined) return own;
  return [...(await questionsOf(state, await state.project(parentProjectId).get())), ...own];
}

/** When its default decides it. */
export function decidedAt(question: Question, patienceMs: number): Date | undefined {
  return question.default === undefined ? undefined : new Date(question.askedAt.getTime() + patienceMs);
}

/**
 * Answers a question; of several answers the first counts.
 *
 * @throws DarkFactoryError `failed`/`already_answered`; `usage`/`answer_invalid`
 */
export async function answer(
  { state, now, record }: Omit<TalkDeps, 'newId'>,
  question: Question,
  words: string,
  by: string,
): Promise<Question> {
  const text = checkedWords('answer', words);
  const { id, projectId, persona } = question;
  const at = now();
  await state.talk(projectId).append((there) => {
    const before = questionsIn(projectId, there).find((each) => each.id === id);
    if (before?.answer !== undefined) throw answeredBefore(before);
    return [{ type: 'answer', question: id, at: at.toISOString(), by, text }];
  });
  const who = by === DEFAULT ? 'Nobody answered in time, so its default holds' : nameOf(by);
  await record({
    ...{ projectId, persona, type: 'question.answered', level: 'info', data: { by, questionId: id } },
    message: `"${brief(question.question, 200)}" ${who}: ${brief(text, 200)}`,
  });
  return { ...question, answer: text, answeredAt: at, by };
}

/** The questions that hold for a project, those that have waited for longer than the patience decided by their defaults. */
export async function decidedQuestions(
  deps: Omit<TalkDeps, 'newId' | 'state'> & { state: Pick<StateStore, 'project' | 'talk' | 'journal'> },
  project: Pick<Project, 'id' | 'parentProjectId'>,
  patienceMs: number,
): Promise<Question[]> {
  const questions = await questionsOf(deps.state, project);
  const isDue = (each: Question) => (decidedAt(each, patienceMs) ?? NEVER) <= deps.now();
  const due = questions.filter((each) => isUnanswered(each) && isDue(each));
  for (const each of due)
    await answer(deps, each, each.default ?? '', DEFAULT).catch(
      // Somebody answered at the same moment, and first.
      expecting((error) => isFailure(error, 'already_answered'), null),
    );
  return due.length === 0 ? questions : questionsOf(deps.state, project);
}

const NEVER = new Date(8.64e15);

function answeredBefore(question: Question): DarkFactoryError {
  const { answer: text = '', by = '', answeredAt } = question;
  const who = by === DEFAULT ? 'its default, for nobody had answered in time' : nameOf(by).toLowerCase();
  return new DarkFactoryError(
    'failed',
    'already_answered',
    `The question was answered before by ${who} (${answeredAt?.toISOString()}): ${brief(text, 200)}`,
    `That answer holds, and yours was not taken. To say more: df tell ${question.projectId.slice(0, 8)} TEXT`,
  );
}
