import { type Project, type ProjectStatus, shownStatus } from '../../factory/model/project.ts';
import type { FinderState, JudgedFinding, ReviewReport } from '../../factory/model/review.ts';
import type { PostedReview } from '../../factory/publishing/post-review.ts';

/** What `df review --json` prints. */
export interface ReviewDocument {
  projectId: string;
  of: string;
  base: string;
  head: string;
  status: ProjectStatus | 'stopped';
  /** Why it has not come to its end. */
  reason?: string;
  /** Every finder has answered. */
  complete: boolean;
  rounds: number;
  /** USD. */
  cost: number;
  finders: readonly FinderState[];
  /** All of them, and by list. */
  findings: readonly JudgedFinding[];
  confirmed: readonly JudgedFinding[];
  notConfirmed: readonly JudgedFinding[];
  rejected: readonly JudgedFinding[];
  /** With `--post`: at which pull request. */
  posted?: PostedReview;
}

/** @param report `null`: the review has not come to its end */
export function reviewDocument(project: Project, report: ReviewReport | null): ReviewDocument {
  const { id: projectId, review, totalCost: cost, statusReason } = project;
  const {
    base = project.baseCommit,
    head = review?.head ?? '',
    rounds = 0,
    finders = [],
    findings = [],
  } = report ?? {};
  const list = (verdict: JudgedFinding['verdict']) => findings.filter((each) => each.verdict === verdict);
  return {
    ...{ projectId, of: review?.of ?? '', base, head, status: shownStatus(project) },
    ...(report === null && statusReason !== undefined ? { reason: statusReason } : {}),
    complete: report !== null && finders.every(({ state }) => state === 'answered'),
    ...{ rounds, cost, finders, findings },
    confirmed: list('confirmed'),
    notConfirmed: list('not_confirmed'),
    rejected: list('rejected'),
  };
}
