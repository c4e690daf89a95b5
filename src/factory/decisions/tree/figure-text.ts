import { formatDuration } from '../../../lib/duration.ts';
import { shownStatus } from '../../model/project.ts';
import type { BranchFigures } from './figures.ts';

/** What is written where a figure is not known. */
const UNKNOWN = '–';

/** Figures in words, in order of weight; the same for terminals, reports and records. Not neutralised. */
export const FIGURES: readonly { name: string; text(figures: BranchFigures): string }[] = [
  { name: 'status', text: shownStatus },
  {
    name: 'gate',
    text: ({ gate }) =>
      gate === null ? UNKNOWN : `${passed(gate.passed)}, ${gate.checks.passed} of ${gate.checks.total}`,
  },
  {
    name: 'sealed checks',
    text: ({ sealed }) => (sealed === null ? UNKNOWN : `${sealed.passed} of ${sealed.total}`),
  },
  { name: 'audit', text: ({ audit }) => (audit === null ? UNKNOWN : passed(audit.passed)) },
  {
    name: 'tasks proved',
    text: ({ tasks }) =>
      `${tasks.proved} of ${tasks.total}${tasks.skipped === 0 ? '' : `, ${tasks.skipped} skipped`}`,
  },
  {
    name: 'tests',
    text: ({ tests }) =>
      tests === null ? UNKNOWN : `${tests.after}${tests.added === null ? '' : ` (${signed(tests.added)})`}`,
  },
  { name: 'coverage', text: ({ coverage }) => (coverage === null ? UNKNOWN : `${coverage} %`) },
  { name: 'commits', text: ({ diff }) => (diff === null ? UNKNOWN : String(diff.commits)) },
  { name: 'files touched', text: ({ filesTouched }) => String(filesTouched ?? UNKNOWN) },
  {
    name: 'lines',
    text: ({ diff }) => (diff === null ? UNKNOWN : `+${diff.insertions} -${diff.deletions}`),
  },
  {
    name: 'cost',
    text: ({ cost, possible }) =>
      `$${cost.toFixed(4)}${possible === 0 ? '' : `, perhaps $${possible.toFixed(4)} more`}`,
  },
  { name: 'tokens', text: ({ tokens }) => tokens.toLocaleString('en-US') },
  { name: 'active time', text: ({ activeMs }) => formatDuration(activeMs) },
  { name: 'stated confidence', text: ({ confidence }) => confidence?.toFixed(2) ?? UNKNOWN },
];

function passed(is: boolean): string {
  return is ? 'passed' : 'failed';
}

function signed(value: number): string {
  return value < 0 ? String(value) : `+${value}`;
}
