import { expecting } from '../../lib/errno.ts';
import { DarkFactoryError, isFailure, usageError } from '../../lib/failure.ts';
import type { StateStore } from '../ports.ts';
import { type Question, questionsIn } from './questions.ts';

/** The questions of all projects, oldest first. A log that cannot be read hides no other: whoever asks for its project is told. */
export async function allQuestions(state: Pick<StateStore, 'listSummaries' | 'talk'>): Promise<Question[]> {
  const { projects } = await state.listSummaries();
  const found: Question[] = [];
  for (const { id } of projects) {
    const entries = await state.talk(id).entries().catch(expecting(isFailure, []));
    found.push(...questionsIn(id, entries));
  }
  return found.sort((a, b) => a.askedAt.getTime() - b.askedAt.getTime());
}

/** @param reference its id, or a unique beginning of it. Throws `not_found`/`question_not_found`, `usage`/`question_ambiguous` */
export function findQuestion(questions: readonly Question[], reference: string): Question {
  const found = reference === '' ? [] : questions.filter(({ id }) => id.startsWith(reference.toLowerCase()));
  const [question] = found;
  if (question !== undefined && found.length === 1) return question;
  const what = `question ${JSON.stringify(reference.slice(0, 60))}`;
  throw found.length === 0
    ? new DarkFactoryError('not_found', 'question_not_found', `There is no ${what}`, 'See df questions.')
    : usageError(
        'question_ambiguous',
        `${found.length} questions begin like ${what}`,
        'Give more of its id; see df questions.',
      );
}
