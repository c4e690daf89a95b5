import { createHash } from 'node:crypto';
import { bullets, code, escaped, quote } from '../../lib/text/markdown.ts';
import { redactText } from '../../lib/text/redact.ts';
import type { JudgedFinding, ReviewFinding, ReviewReport } from '../model/review.ts';
import type { Forge, ForgeReviewComment } from '../ports.ts';
import { countFindings, outcomeText } from '../review/order.ts';
import { callingNobody, cut } from './pull-body.ts';

const REVIEW = '<!-- dark-factory:review -->';
/** A comment on a line is found again by the finding that it tells of. */
const markOf = (key: string) => `<!-- dark-factory:finding ${key} -->`;
const MOST_CHARACTERS = 60_000;

type ReviewForge = Pick<Forge, 'reviewComments' | 'addReview' | 'editReview' | 'editReviewComment'>;

export interface PostedReview {
  pull: number;
  /** It was made by this call; otherwise it was there, and says now what was found now. */
  created: boolean;
  comments: number;
}

/**
 * Says at a pull request what a review found: one review, with a comment on the line of each confirmed finding. The next run edits it: a
 * comment on what is no longer found says so, and what is found newly stands in the review itself. A reply that was lost leaves a review
 * that the next run finds.
 */
export async function postReview(
  forge: ReviewForge,
  pull: number,
  report: ReviewReport,
): Promise<PostedReview> {
  const there = await forge.reviewComments(pull);
  const review = there.find(({ body, path }) => path === undefined && body.includes(REVIEW));
  const confirmed = report.findings.filter(
    (each): each is ReviewFinding => !('said' in each) && each.confirmed,
  );
  const body = reviewBody(report);
  if (review === undefined) {
    const comments = confirmed.map((each) => ({ path: each.file, line: each.line, body: commentBody(each) }));
    await forge.addReview(pull, { commit: report.head, body, comments });
    return { pull, created: true, comments: comments.length };
  }
  await forge.editReview(pull, review.id, body);
  const comments = await editComments(forge, pull, there, confirmed, report.head);
  return { pull, created: false, comments };
}

/** @returns how many of the comments tell of what is still found */
async function editComments(
  forge: ReviewForge,
  pull: number,
  there: readonly ForgeReviewComment[],
  confirmed: readonly ReviewFinding[],
  head: string,
): Promise<number> {
  const found = new Map(confirmed.map((each) => [keyOf(each), each]));
  let still = 0;
  for (const { id, body, path } of there) {
    const [, key] = /<!-- dark-factory:finding (\w+) -->/.exec(body) ?? [];
    if (path === undefined || key === undefined) continue;
    const finding = found.get(key);
    if (finding !== undefined) still += 1;
    const now =
      finding === undefined
        ? `${markOf(key)}\nNo longer found at ${code(head.slice(0, 12))}.`
        : commentBody(finding);
    if (now !== body) await forge.editReviewComment(pull, id, now);
  }
  return still;
}

/** The same for the same claim about the same file, whatever line it is on by now. */
const keyOf = ({ finder, file, claim }: ReviewFinding): string =>
  createHash('sha256')
    .update(JSON.stringify([finder, file, claim]))
    .digest('hex')
    .slice(0, 24);

function commentBody(finding: ReviewFinding): string {
  const { severity, claim, harm, repro, why } = finding;
  const files = (repro?.files ?? []).flatMap(({ path, content }) => [`${code(path)}:`, quote(content)]);
  return plain(markOf(keyOf(finding)), [
    `**${severity}** · ${escaped(why)}`,
    quote(claim),
    quote(harm),
    ...(repro === undefined ? [] : ['Command:', quote(repro.command)]),
    ...files,
  ]);
}

function reviewBody(report: ReviewReport): string {
  const { base, head, finders, findings } = report;
  const list = (verdict: JudgedFinding['verdict'], title: string) => {
    const found = findings.filter((each) => each.verdict === verdict);
    return found.length === 0 ? [] : [`### ${title}`, bullets(found.map(lineOf))];
  };
  const away = finders
    .filter(({ state }) => state !== 'answered')
    .map(({ name, state }) => `${name} (${state})`);
  return plain(REVIEW, [
    `Review of ${code(`${base.slice(0, 12)}..${head.slice(0, 12)}`)}: ${outcomeText(countFindings(findings))}`,
    ...(away.length === 0 ? [] : [`**Not complete:** ${away.join(', ')} did not answer.`]),
    ...list('confirmed', 'Confirmed: the factory ran a command that shows it'),
    ...list('not_confirmed', 'Not confirmed'),
    ...list('rejected', 'Rejected'),
  ]);
}

function lineOf(finding: JudgedFinding): string {
  if ('said' in finding) return `${code(finding.id)} ${escaped(finding.why)}`;
  const { file, line, severity, claim, why } = finding;
  return `${code(`${file}:${line}`)} ${severity}: ${escaped(claim)} (${escaped(why)})`;
}

/** All of it may be words of a model: they call nobody and hold no key. */
const plain = (mark: string, parts: readonly string[]): string =>
  `${mark}\n${cut(callingNobody(redactText(parts.join('\n\n'))), MOST_CHARACTERS)}`;
