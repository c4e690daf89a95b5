import { expecting } from '../../lib/errno.ts';
import { isFailure } from '../../lib/failure.ts';
import { bullets, code, escaped, quote } from '../../lib/text/markdown.ts';
import { redactText } from '../../lib/text/redact.ts';
import { hasForm, type JudgedFinding, type ReviewFinding, type ReviewReport } from '../model/review.ts';
import type { Forge, ForgeLineComment, ForgeReviewComment } from '../ports.ts';
import { countFindings, outcomeText } from '../review/order.ts';
import { callingNobody, cut } from './pull-body.ts';
import { commentsByFinding, markOf, type OwnComment, ownComments, writtenMark } from './review-comments.ts';

const REVIEW = '<!-- dark-factory:review -->';
const MOST_CHARACTERS = 60_000;

type ReviewForge = Pick<
  Forge,
  'reviewComments' | 'addReview' | 'addReviewComment' | 'editReview' | 'editReviewComment'
>;

export interface PostedReview {
  pull: number;
  /** It was made by this call; otherwise it was there, and says now what was found now. */
  created: boolean;
  /** On lines, of what is found now. */
  comments: number;
}

/**
 * Says at a pull request what a review found: one review, with a comment on the line of each confirmed finding. The next run edits it: a
 * comment on what is no longer found says so, if everybody was heard, and what is found newly gets one of its own. What stands on a line
 * that the pull request does not show is told in the review itself. A reply that was lost leaves what the next run finds.
 */
export async function postReview(
  forge: ReviewForge,
  pull: number,
  report: ReviewReport,
): Promise<PostedReview> {
  const { head } = report;
  const all = report.findings.filter(hasForm).filter((each) => each.confirmed);
  // What says the same of two lines has one comment.
  const confirmed = [...new Map(all.map((each) => [markOf(each).key, each])).values()];
  const before = await forge.reviewComments(pull);
  const known = commentsByFinding(confirmed, ownComments(before)).told;
  const earlier = await editFirst(forge, pull, before.filter(isReview), reviewBody(report, []));
  const comments = confirmed.filter((each) => !known.has(each)).map(asComment);
  const review =
    earlier ?? (await forge.addReview(pull, { commit: head, body: reviewBody(report, []), comments }));
  const there = earlier === null ? await forge.reviewComments(pull) : before;
  const { told, rest } = commentsByFinding(confirmed, ownComments(there));
  const unplaced: ReviewFinding[] = [];
  for (const each of confirmed) {
    const comment = asComment(each);
    const its = told.get(each);
    for (const own of its ?? []) await editComment(forge, pull, own, comment.body);
    if (its === undefined && !(await addComment(forge, pull, head, comment))) unplaced.push(each);
  }
  // Somebody who was not heard may find it still.
  if (report.finders.every(({ state }) => state === 'answered'))
    for (const own of rest)
      await editComment(
        forge,
        pull,
        own,
        `${writtenMark(own.mark)}\nNo longer found at ${code(head.slice(0, 12))}.`,
      );
  if (unplaced.length > 0) await forge.editReview(pull, review, reviewBody(report, unplaced));
  return { pull, created: earlier === null, comments: confirmed.length - unplaced.length };
}

const isReview = ({ path, body }: ForgeReviewComment) => path === undefined && body.startsWith(REVIEW);

/** Written by somebody else, or gone meanwhile. */
const isOthers = (error: unknown) =>
  isFailure(error, 'forge_forbidden') ||
  isFailure(error, 'forge_not_found') ||
  isFailure(error, 'forge_refused');

/** @returns the id of the first one that can be edited: anybody may write one that looks like the factory's */
async function editFirst(
  forge: ReviewForge,
  pull: number,
  reviews: readonly ForgeReviewComment[],
  body: string,
): Promise<string | null> {
  for (const { id } of reviews) {
    const edited = forge.editReview(pull, id, body).then(() => true);
    if (await edited.catch(expecting(isOthers, false))) return id;
  }
  return null;
}

async function editComment(
  forge: ReviewForge,
  pull: number,
  { id, body: before }: OwnComment,
  body: string,
): Promise<void> {
  if (body !== before) await forge.editReviewComment(pull, id, body).catch(expecting(isOthers, undefined));
}

/** @returns `false`: the pull request does not show its line */
async function addComment(
  forge: ReviewForge,
  pull: number,
  head: string,
  comment: ForgeLineComment,
): Promise<boolean> {
  const added = forge.addReviewComment(pull, head, comment).then(() => true);
  return added.catch(expecting((error) => isFailure(error, 'forge_refused'), false));
}

const asComment = (finding: ReviewFinding): ForgeLineComment => ({
  path: finding.file,
  line: finding.line,
  body: plain(writtenMark(markOf(finding)), [
    `**${finding.severity}** · ${escaped(finding.why)}`,
    ...detailsOf(finding),
  ]),
});

function detailsOf({ claim, harm, repro }: ReviewFinding): string[] {
  const files = (repro?.files ?? []).flatMap(({ path, content }) => [`${code(path)}:`, quote(content)]);
  const command = repro === undefined ? [] : ['Command:', quote(repro.command)];
  return [quote(claim), quote(harm), ...command, ...files];
}

/** @param unplaced confirmed findings for which there is no comment on a line */
function reviewBody(report: ReviewReport, unplaced: readonly ReviewFinding[]): string {
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
    ...unplaced.flatMap((each) => [
      `#### ${code(`${each.file}:${each.line}`)}, a line that is not shown here`,
      ...detailsOf(each),
    ]),
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
