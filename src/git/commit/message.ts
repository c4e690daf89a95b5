import type { CommitTrailers } from '../../factory/ports.ts';

/** The trailer that names the task which a commit was made for. */
export const TASK_TRAILER = 'DF-Task';
/** The one that names the act of a step by which it was made. */
export const STEP_TRAILER = 'DF-Step';

/** Longest message in characters, without the trailers. */
const LONGEST = 16_000;
const LONGEST_SUBJECT = 200;

/**
 * The text of a commit: what the agent said, made harmless, and the factory's trailers as the last paragraph, in the
 * form of git-interpret-trailers(1). No line of the agent can pass for a trailer of the factory.
 */
export function commitMessage(message: string, trailers: CommitTrailers): string {
  return `${saidByAgent(message)}\n\n${trailerLines(trailers).join('\n')}\n`;
}

/** Where the trailers of a commit's message stand. */
export const lastParagraph = (message: string): string => message.trimEnd().split(/\n\n+/).at(-1) ?? '';

/** Does the last paragraph of a commit's message carry these trailers? */
export function carriesStep(message: string, trailers: CommitTrailers): boolean {
  const last = lastParagraph(message).split('\n');
  const [project, step] = trailerLines(trailers);
  return [project, step].every((line) => line !== undefined && last.includes(line));
}

/** `DF-Step: …` as it stands in a message. */
export function stepLine(trailers: CommitTrailers): string {
  return `${STEP_TRAILER}: ${trailerValue(trailers.step)}`;
}

function trailerLines(trailers: CommitTrailers): string[] {
  return [
    `DF-Project: ${trailerValue(trailers.project)}`,
    stepLine(trailers),
    ...(trailers.task === undefined ? [] : [`${TASK_TRAILER}: ${trailerValue(trailers.task)}`]),
  ];
}

/** One line for any text: what could end or hide it is written as %XX. Different texts stay different. */
function trailerValue(text: string): string {
  return text
    .toWellFormed()
    .replace(/[%\p{Cc}\p{Zl}\p{Zp}]|^\s|\s$/gu, (character) =>
      [...Buffer.from(character)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
    );
}

function saidByAgent(message: string): string {
  const text = message
    .slice(0, LONGEST)
    .toWellFormed()
    .replace(/\r\n?/g, '\n')
    // Control characters would reach the owner's terminal; NUL ends a commit message.
    .replace(/[^\P{Cc}\n\t]/gu, '')
    .trim();
  const [first = '', ...rest] = text.split('\n').map(defuse);
  if (first === '') return 'Work of a step';
  const subject = first.length <= LONGEST_SUBJECT ? [first] : [...split(first)];
  const cut = message.length > LONGEST ? ['', `[${message.length - LONGEST} more characters were cut]`] : [];
  return [...subject, ...rest, ...cut].join('\n').trimEnd();
}

/** `[skip ci]`, `[no ci]`, `[vercel skip]`, `[skip-cd]`: by such a mark a forge, or what it calls, runs no checks of the commit. */
const SKIPS =
  /\[(\s*(?:skip\s+[^\s[\]]+|[^\s[\]]+\s+skip|no\s+ci|skip[-_]c[id]|c[id][-_]skip|cf-pages-skip)\s*)\]/gi;
/** Azure's, between asterisks. */
const NO_CI = /(?<=\*)NO_CI(?=\*)/gi;

/** `DF-…:` is ours to say, `---` ends a message for some readers of trailers, and whether checks run is the owner's to say. */
function defuse(said: string): string {
  const line = said.replace(NO_CI, 'NO-CI').replace(SKIPS, '($1)');
  if (/^(?:DF-[\w-]*|skip-checks)\s*:/i.test(line)) return `> ${line}`;
  return /^---(\s|$)/.test(line) ? ` ${line}` : line.trimEnd();
}

function split(line: string): [string, string, string] {
  return [`${line.slice(0, LONGEST_SUBJECT - 1)}…`, '', `…${line.slice(LONGEST_SUBJECT - 1)}`];
}
