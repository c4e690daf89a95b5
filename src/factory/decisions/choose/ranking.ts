import { brief } from '../../../lib/text/text.ts';
import type { BranchFigures, Score } from '../tree/figures.ts';

/** Gates and audit passed, and there is something that can be merged. */
export function isProvedBranch({ status, diff }: BranchFigures): boolean {
  return status === 'completed' && diff !== null;
}

/** From 0 to 1; below that where nothing was measured. */
export function share(score: Score | null): number {
  if (score === null) return -1;
  const value = score.passed / score.total;
  return Number.isFinite(value) ? Math.min(1, Math.max(0, value)) : -1;
}

/** What people call a branch: the option that it explores. */
export function branchTitle({ option, name }: Pick<BranchFigures, 'option' | 'name'>): string {
  return `“${brief(option ?? name, 80)}”`;
}

export function ofText(score: Score | null, what: string): string {
  return score === null ? `no ${what}` : `${score.passed} of ${score.total} ${what}`;
}
