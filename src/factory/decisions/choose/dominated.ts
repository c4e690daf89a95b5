import { ENDED } from '../../model/project.ts';
import type { BranchFigures } from '../tree/figures.ts';
import { branchTitle, isProvedBranch, ofText, share } from './ranking.ts';

/** What a child may use. Milliseconds of active time; USD where its parent has a cap. */
export interface BranchShare {
  projectId: string;
  budget?: number | undefined;
  maxRuntime: number;
}

/** Part of a share that must be used up before a red gate counts as a branch's last word. */
const USED_UP = 0.9;

/** By how much a sibling's share of passed sealed checks must be higher. */
const SEALED_MARGIN = 0.1;

/**
 * Branches at work that cannot win any more, each with the reason for people. A sibling must be proved, and
 *
 * - the branch has used 90 % of its share of budget or active time, and its newest gate is red; or
 * - it passed fewer of the sealed checks, by 10 % of all of them or more.
 *
 * A branch without a gate of its own yet is left alone: nothing is known of it.
 */
export function dominated(
  figures: readonly BranchFigures[],
  shares: readonly BranchShare[],
): { id: string; why: string }[] {
  const best = figures
    .filter(isProvedBranch)
    .sort((a, b) => share(b.sealed) - share(a.sealed) || (a.id < b.id ? -1 : 1))[0];
  if (best === undefined) return [];
  return figures
    .filter(({ status }) => !ENDED.has(status))
    .flatMap((each) => {
      const why = reason(
        each,
        best,
        shares.find(({ projectId }) => projectId === each.id),
      );
      return why === null ? [] : [{ id: each.id, why: `${branchTitle(best)} is proved, and ${why}.` }];
    });
}

function reason(branch: BranchFigures, best: BranchFigures, allowed: BranchShare | undefined): string | null {
  const { gate, sealed } = branch;
  if (sealed !== null && best.sealed !== null) {
    const behind = share(best.sealed) - share(sealed);
    // What is a tenth on paper may be a little less in binary.
    if (behind >= SEALED_MARGIN - 1e-9)
      return `this branch passed ${ofText(sealed, 'sealed checks')} against ${best.sealed.passed} of ${best.sealed.total}`;
  }
  if (gate === null || gate.passed || allowed === undefined) return null;
  const used = [
    { of: 'budget', part: part(branch.cost + branch.possible, allowed.budget) },
    { of: 'active time', part: part(branch.activeMs, allowed.maxRuntime) },
  ].find((each) => each.part >= USED_UP);
  if (used === undefined) return null;
  return `this branch has used ${Math.round(used.part * 100)} % of its share of ${used.of} and its newest gate is red (${ofText(gate.checks, 'checks')})`;
}

/** 0 where there is no limit or nothing is known. */
function part(used: number, limit: number | undefined): number {
  if (limit === undefined || !Number.isFinite(used)) return 0;
  return limit > 0 ? used / limit : 1;
}
