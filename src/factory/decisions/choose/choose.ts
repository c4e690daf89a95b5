import type { BranchFigures, Score } from '../tree/figures.ts';
import { branchTitle, isProvedBranch, ofText, share } from './ranking.ts';

export { dominated } from './dominated.ts';

export type BranchChoice =
  | {
      kind: 'chosen';
      id: string;
      /** What settled it: what was proved, or what it took. */
      by: 'evidence' | 'figures';
      /** For people; names the numbers that decided. */
      why: string;
    }
  | { kind: 'tie'; ids: string[] }
  | { kind: 'none'; why: string };

/** What a branch took counts as equal to another's where the two differ by less than this, as a share. */
const MARGIN = 0.1;

/** USD and lines that are added before anything is compared: a cent or ten lines more or less say nothing. */
const SMALL_COST = 0.01;
const SMALL_CHANGE = 10;

/** Stands for a figure that is not known, so that it never wins. */
const UNKNOWN = 1e12;

/**
 * Which of the branches of a decision is taken.
 *
 * 1. **Proved**: only a branch that ended `completed` (its gates and its audit passed), and whose commits are still there,
 *    can be chosen. One alone is; none: none is.
 * 2. **Evidence**, one after the other, where any difference counts: the share of the owner's sealed checks that passed,
 *    the share of its tasks that commands have proved, and whether it added tests at all. What was not measured counts as
 *    nothing.
 * 3. **What it took**: cost (what was perhaps billed included) and changed lines, weighed alike, as the geometric mean of
 *    both. Differences below 10 % of that do not count.
 *
 * Coverage, time and the confidence stated before do not decide: the first is not always known, the second depends on
 * the machine, and the third is what is being tested.
 *
 * The order of the branches changes nothing. Of two, the answer is transitive: who is chosen before one that is chosen
 * before a third is chosen before the third. Figures that are no numbers never win and never throw.
 */
export function chooseBranch(figures: readonly BranchFigures[]): BranchChoice {
  const all = sorted(figures);
  const proved = all.filter(isProvedBranch);
  const [only, second] = proved;
  if (only === undefined) return { kind: 'none', why: noneText(all) };
  if (second === undefined) return { kind: 'chosen', id: only.id, by: 'evidence', why: onlyText(only, all) };

  const strongest = proved.filter((each) => proved.every((other) => compareEvidence(each, other) >= 0));
  const [winner, rival] = strongest;
  if (winner !== undefined && rival === undefined)
    return { kind: 'chosen', id: winner.id, by: 'evidence', why: evidenceText(winner, proved) };

  const leanest = strongest.filter((each) => !strongest.some((other) => tookLess(other, each)));
  const [lean, alike] = leanest;
  if (lean !== undefined && alike === undefined)
    return { kind: 'chosen', id: lean.id, by: 'figures', why: figuresText(lean, strongest) };
  return { kind: 'tie', ids: leanest.map(({ id }) => id) };
}

/** By id, each once: what is said must not depend on the order either. */
function sorted(figures: readonly BranchFigures[]): BranchFigures[] {
  const byId = new Map(figures.map((each) => [each.id, each]));
  return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

interface Measure {
  value(figures: BranchFigures): number;
  text(figures: BranchFigures): string;
}

/** More is better. In order of weight. */
const EVIDENCE: readonly Measure[] = [
  {
    value: ({ sealed }) => share(sealed),
    text: ({ sealed }) => `${ofText(sealed, 'sealed checks')} passed`,
  },
  {
    value: ({ tasks }) => share(provedTasks(tasks)),
    text: ({ tasks }) => `${ofText(provedTasks(tasks), 'tasks')} proved`,
  },
  {
    value: ({ tests }) => (known(tests?.added ?? 0, 0) > 0 ? 1 : 0),
    text: ({ tests }) => `${tests?.added ?? 'no'} tests added`,
  },
];

function provedTasks({ proved, total, skipped }: BranchFigures['tasks']): Score {
  return { passed: proved, total: total - skipped };
}

function compareEvidence(a: BranchFigures, b: BranchFigures): number {
  for (const { value } of EVIDENCE) {
    const difference = value(a) - value(b);
    if (difference !== 0) return difference;
  }
  return 0;
}

function tookLess(a: BranchFigures, b: BranchFigures): boolean {
  return effort(a) + Math.log(1 + MARGIN) < effort(b);
}

/** The logarithm of the geometric mean of cost and changed lines. */
function effort({ cost, possible, diff }: BranchFigures): number {
  const lines = diff === null ? UNKNOWN : known(diff.insertions + diff.deletions, UNKNOWN);
  return (Math.log(known(cost + possible, UNKNOWN) + SMALL_COST) + Math.log(lines + SMALL_CHANGE)) / 2;
}

function known(value: number, otherwise: number): number {
  return Number.isFinite(value) ? Math.min(UNKNOWN, Math.max(0, value)) : otherwise;
}

function noneText(all: readonly BranchFigures[]): string {
  if (all.length === 0) return 'There is no branch left to choose from.';
  return `None of them is proved: ${all.map(endText).join('; ')}.`;
}

function onlyText(only: BranchFigures, all: readonly BranchFigures[]): string {
  const others = all.filter(({ id }) => id !== only.id).map(endText);
  const head = `Only ${branchTitle(only)} is proved (${ofText(only.gate?.checks ?? null, 'checks')} of its gate passed, and its audit)`;
  return others.length === 0 ? `${head}.` : `${head}; ${others.join('; ')}.`;
}

function endText(figures: BranchFigures): string {
  const { status, diff, gate } = figures;
  const title = branchTitle(figures);
  if (status === 'completed' && diff === null) return `${title} is completed, but its branch is gone`;
  const checks =
    gate === null ? 'without a gate' : `with ${ofText(gate.checks, 'checks')} of its gate passed`;
  return `${title} is ${status.replaceAll('_', ' ')} ${checks}`;
}

function evidenceText(winner: BranchFigures, all: readonly BranchFigures[]): string {
  const others = all
    .filter(({ id }) => id !== winner.id)
    .map((other) => {
      const decided = EVIDENCE.find(({ value }) => value(winner) !== value(other)) ?? EVIDENCE[0];
      return `${decided?.text(winner)} against ${decided?.text(other)} of ${branchTitle(other)}`;
    });
  return `The evidence for ${branchTitle(winner)} is stronger: ${others.join('; ')}.`;
}

function figuresText(winner: BranchFigures, all: readonly BranchFigures[]): string {
  const others = all
    .filter(({ id }) => id !== winner.id)
    .map((other) => `${tookText(other)} of ${branchTitle(other)}`);
  return `Of equal evidence, ${branchTitle(winner)} took less: ${tookText(winner)} against ${others.join(' and ')}.`;
}

function tookText({ cost, possible, diff }: BranchFigures): string {
  const lines = diff === null ? 'an unknown number of' : diff.insertions + diff.deletions;
  return `$${(cost + possible).toFixed(4)} and ${lines} changed lines`;
}
