/** A project that only reviews: one round of its auditor's journal, and what came of it. */
import { type BooksDeps, openBooks } from '../agent/turn/settle.ts';
import { openNotes, openTranscript } from '../hearings/transcript.ts';
import { AUDITOR } from '../model/agents.ts';
import type { NewEvent } from '../model/event.ts';
import type { Project } from '../model/project.ts';
import {
  type JudgedFinding,
  type ReviewCounts,
  type ReviewOrder,
  type ReviewReport,
  reviewReport,
} from '../model/review.ts';
import type { FinanceManager, JournalWriter, StateStore } from '../ports.ts';
import type { ReviewDeps, Reviewed } from './bench.ts';
import { reviewChange } from './review.ts';

/** Of the note that holds the report. */
const REPORT = 'review';

export interface ReviewRoundDeps extends Omit<ReviewDeps, 'state'>, BooksDeps {
  state: ReviewDeps['state'] & Pick<StateStore, 'journal' | 'project'>;
  finance: FinanceManager;
  record(event: NewEvent): Promise<void>;
}

export async function reviewRound(
  deps: ReviewRoundDeps,
  project: Project,
  { head, author }: ReviewOrder,
  writer: JournalWriter,
  signal: AbortSignal,
): Promise<Reviewed> {
  const { id: projectId, description: about } = project;
  const { session, entries } = await openBooks(deps, { projectId, persona: AUDITOR }, writer);
  const transcript = openTranscript(entries, writer.step);
  const at = { finance: deps.finance, projectId, session, transcript, signal };
  return reviewChange(deps, at, {
    ...{ project, head, about, evenUnpaid: true },
    ...(author === undefined ? {} : { avoidProvider: author }),
    tell: (finding) => tellFinding(deps, projectId, finding),
  });
}

/** The report first, then the project, then the end of the round: a crash in between repeats the round, in which nothing is asked again. */
export async function saveReview(
  deps: Pick<ReviewRoundDeps, 'state' | 'record' | 'now'>,
  projectId: string,
  writer: JournalWriter,
  report: ReviewReport,
): Promise<string> {
  const outcome = countFindings(report.findings);
  await writer.append(openNotes([]).write(REPORT, report));
  await deps.state.project(projectId).update((current) => ({
    ...current,
    ...(current.review === undefined ? {} : { review: { ...current.review, outcome } }),
    auditRounds: writer.step,
    updatedAt: deps.now(),
  }));
  await writer.append({ type: 'step_done', outcome: 'continue' });
  return outcomeText(outcome);
}

/** What the newest review of a project came to; `null`: none has come to its end. */
export async function readReview(
  state: Pick<StateStore, 'journal'>,
  projectId: string,
): Promise<ReviewReport | null> {
  const entries = await state.journal(projectId, AUDITOR).entries();
  return openNotes(entries).read(reviewReport, REPORT) ?? null;
}

export function countFindings(findings: readonly JudgedFinding[]): ReviewCounts {
  const count = (verdict: JudgedFinding['verdict']) =>
    findings.filter((each) => each.verdict === verdict).length;
  return {
    confirmed: count('confirmed'),
    notConfirmed: count('not_confirmed'),
    rejected: count('rejected'),
    critical: findings.filter(isCritical).length,
  };
}

/** What a change must not be merged with. */
export const isCritical = (finding: JudgedFinding): boolean =>
  finding.confirmed && !('said' in finding) && finding.severity === 'critical';

export function outcomeText({ confirmed, notConfirmed, rejected, critical }: ReviewCounts): string {
  const bad = critical === 0 ? '' : ` (${critical} critical)`;
  return `${confirmed} confirmed${bad}, ${notConfirmed} not confirmed, ${rejected} rejected.`;
}

export function tellFinding(
  { record }: Pick<ReviewRoundDeps, 'record'>,
  projectId: string,
  finding: JudgedFinding,
): Promise<void> {
  const { id, verdict, why, confirmed } = finding;
  const what = 'said' in finding ? 'no finding' : `${finding.file}:${finding.line} ${finding.claim}`;
  return record({
    projectId,
    type: 'review.finding',
    level: confirmed ? 'warn' : 'info',
    message: `${id} ${verdict.replace('_', ' ')}: ${what} (${why})`,
  });
}
