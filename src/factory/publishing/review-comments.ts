/** Which of the comments at a pull request are the factory's, and which finding each of them tells of. Pure. */
import { createHash } from 'node:crypto';
import type { ReviewFinding } from '../model/review.ts';
import type { ForgeReviewComment } from '../ports.ts';

/** Lines between a finding and the comment on an earlier one, at the most, for the two to be one. */
const NEAR_LINES = 3;

export interface OwnComment extends ForgeReviewComment {
  path: string;
  mark: { key: string; finder: string };
}

/** The same for the same claim about the same file, whatever line it is on by now. */
export function markOf({ finder, file, claim }: ReviewFinding): OwnComment['mark'] {
  const text = JSON.stringify([finder, file, claim]);
  return { key: createHash('sha256').update(text).digest('hex').slice(0, 24), finder };
}

/** By which a comment on a line is found again. */
export const writtenMark = ({ key, finder }: OwnComment['mark']) =>
  `<!-- dark-factory:finding ${key} ${finder} -->`;

/** Who answers the factory by quoting it has said something of their own. */
export function ownComments(there: readonly ForgeReviewComment[]): OwnComment[] {
  return there.flatMap((each) => {
    const [, key, finder] = /^<!-- dark-factory:finding (\w+) ([\w-]+) -->/.exec(each.body) ?? [];
    if (each.path === undefined || key === undefined || finder === undefined) return [];
    return [{ ...each, path: each.path, mark: { key, finder } }];
  });
}

/** By the words of the claim; what is left by its place, for a model words the same fault anew each time. */
export function commentsByFinding(
  findings: readonly ReviewFinding[],
  own: readonly OwnComment[],
): { told: ReadonlyMap<ReviewFinding, readonly OwnComment[]>; rest: readonly OwnComment[] } {
  const told = new Map<ReviewFinding, readonly OwnComment[]>();
  let rest = own;
  const claim = (finding: ReviewFinding, its: readonly OwnComment[]) => {
    if (its.length === 0) return;
    told.set(finding, its);
    rest = rest.filter((each) => !its.includes(each));
  };
  for (const finding of findings) {
    const { key } = markOf(finding);
    claim(
      finding,
      rest.filter(({ mark }) => mark.key === key),
    );
  }
  for (const finding of findings)
    if (!told.has(finding)) {
      const near = rest.find((each) => isNear(each, finding));
      claim(finding, near === undefined ? [] : [near]);
    }
  return { told, rest };
}

const isNear = ({ path, line, mark }: OwnComment, finding: ReviewFinding): boolean =>
  mark.finder === finding.finder &&
  path === finding.file &&
  line !== undefined &&
  Math.abs(line - finding.line) <= NEAR_LINES;
