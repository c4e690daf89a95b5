import { bullets, code, escaped, quote, table } from '../../../lib/text/markdown.ts';
import { slug } from '../../../lib/text/slug.ts';
import { brief } from '../../../lib/text/text.ts';
import type { Fork, ForkBranch, ForkChoice } from '../../model/fork.ts';
import { FIGURES } from '../tree/figure-text.ts';
import type { BranchFigures } from '../tree/figures.ts';

const FOLDER = 'docs/decisions';
const LONGEST_SLUG = 60;
const LONGEST_LABEL = 120;

/**
 * A decision as a document of the repository: question, options, evidence, choice and cost. What agents and judges wrote
 * stands in it as quotations and cannot become Markdown.
 *
 * @param figures of the branches, as far as they are known
 * @param number of the record, from 1
 * @returns the path in the repository, safe on any file system, and the text with a line end
 */
export function decisionRecord(
  fork: Fork,
  figures: readonly BranchFigures[],
  number: number,
): { path: string; text: string } {
  const four = String(number).padStart(4, '0');
  const sections = [
    `# ${number}. ${short(fork.question)}`,
    head(fork),
    `## Question\n\n${quote(fork.question)}`,
    `## Options\n\n${fork.branches.map(optionText).join('\n\n')}`,
    `## Evidence\n\n${evidenceTable(fork, figures)}`,
    `## Choice\n\n${choiceText(fork)}`,
    learntText(fork),
    `## Cost\n\n${costText(fork, figures)}`,
  ];
  return {
    path: `${FOLDER}/${four}-${slug(fork.question, { max: LONGEST_SLUG, fallback: 'decision' })}.md`,
    text: `${sections.filter((each) => each !== '').join('\n\n')}\n`,
  };
}

/** Labels have no limit of length; whole, they stand in quotations. */
function short(text: string): string {
  return escaped(brief(text, LONGEST_LABEL));
}

function head({ at, persona, confidence, commit, branches }: Fork): string {
  return bullets([
    `date: ${at.toISOString().slice(0, 10)}`,
    `asked by: ${escaped(persona)}, with a confidence of ${confidence.toFixed(2)}`,
    `explored in ${branches.length} branches from ${code(commit.slice(0, 12))}`,
  ]);
}

function optionText({ option, description, confidence, workBranch }: ForkBranch): string {
  const lines = [
    `### ${short(option)}`,
    '',
    `Stated confidence ${confidence.toFixed(2)}, branch ${code(workBranch)}.`,
  ];
  const words = [option.length > LONGEST_LABEL ? option : '', description].filter(
    (text) => text.trim() !== '',
  );
  return [...lines, ...words.flatMap((text) => ['', quote(text)])].join('\n');
}

/** One column for each branch. */
export function evidenceTable(
  { branches }: Pick<Fork, 'branches'>,
  figures: readonly BranchFigures[],
): string {
  const known = branches.flatMap(({ projectId }) => figures.find(({ id }) => id === projectId) ?? []);
  if (known.length === 0) return 'Nothing is left of the branches to measure.';
  return table(
    ['', ...known.map(({ option, name }) => short(option ?? name))],
    FIGURES.map(({ name, text }) => [name, ...known.map((each) => escaped(text(each)))]),
  );
}

function choiceText({ choice, branches }: Fork): string {
  const chosen = branches.find(({ projectId }) => projectId === choice?.projectId);
  if (choice === undefined || chosen === undefined) return 'None of them was taken.';
  return `**${short(chosen.option)}**, ${BY[choice.by]}.\n\n${quote(choice.why)}`;
}

/** Who or what settled a choice. */
export const BY: Record<ForkChoice['by'], string> = {
  evidence: 'by evidence',
  figures: 'by what the branches took, for the evidence was equal',
  judge: 'by a judge, for evidence and figures were equal',
  owner: 'by the owner',
};

function learntText({ branches, choice }: Fork): string {
  const others = branches.flatMap(({ projectId, option, learnt }) =>
    projectId === choice?.projectId || learnt === undefined
      ? []
      : [`### ${short(option)}\n\n${quote(learnt)}`],
  );
  return others.length === 0 ? '' : `## What the others found out\n\n${others.join('\n\n')}`;
}

function costText({ branches }: Fork, figures: readonly BranchFigures[]): string {
  const rows = branches.map((branch) => ({ option: branch.option, spent: spentBy(branch, figures) }));
  const sum = rows.reduce((all, { spent }) => all + (spent ?? 0), 0);
  const line = ({ option, spent }: (typeof rows)[number]) =>
    `${short(option)}: ${spent === null ? 'not known' : `$${spent.toFixed(4)}`}`;
  return bullets([...rows.map(line), `all branches: $${sum.toFixed(4)}`]);
}

/** USD, what was perhaps billed included. */
export function spentBy(
  { projectId, spent }: Pick<ForkBranch, 'projectId' | 'spent'>,
  figures: readonly BranchFigures[],
): number | null {
  const known = figures.find(({ id }) => id === projectId);
  return spent ?? (known === undefined ? null : known.cost + known.possible);
}
