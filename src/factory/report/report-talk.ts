import { bullets, escaped, inQuotes } from '../../lib/text/markdown.ts';
import { brief } from '../../lib/text/text.ts';
import { DEFAULT } from '../model/talk.ts';
import type { Question } from '../talk/questions.ts';
import type { Report } from './report-types.ts';

const LONGEST = 1_000;

/** What agents asked and what became of it, and words of the owner that no agent was told. */
export function talkMarkdown({ questions, unheard }: Pick<Report, 'questions' | 'unheard'>): string {
  const words = unheard.map(({ text }) => `No agent was told your words: ${inQuotes(brief(text, LONGEST))}`);
  return bullets([...questions.map(questionText), ...words]);
}

function questionText({ question, persona, answer, by }: Question): string {
  const asked = `${escaped(persona)} asked: ${inQuotes(brief(question, LONGEST))}`;
  if (answer === undefined) return `${asked} **Nobody has answered.**`;
  const who =
    by === DEFAULT
      ? '**Nobody answered in time; its default decided:**'
      : `Answered by ${escaped(by ?? '')}:`;
  return `${asked} ${who} ${inQuotes(brief(answer, LONGEST))}`;
}
