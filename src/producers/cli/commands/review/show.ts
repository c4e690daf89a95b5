import type { JudgedFinding } from '../../../../factory/model/review.ts';
import type { ReviewDocument } from '../../../documents/review.ts';
import type { CommandContext } from '../../framework/context.ts';
import { bold, dim, formatUsd, green, plural, red, shortId, type Text, yellow } from '../../render/output.ts';

/** The three lists for people, the confirmed ones with the command that shows them. */
export function showReview({ out, err, program }: CommandContext, document: ReviewDocument): void {
  const { confirmed, notConfirmed, rejected, finders, cost, complete, of, base, head, projectId } = document;
  if (document.rounds === 0) {
    err.line([yellow('unfinished'), `  ${document.reason ?? 'The review has not come to its end.'}`]);
    return;
  }
  out.line([bold(`Review of ${of}`), dim(`  ${base.slice(0, 12)}..${head.slice(0, 12)}`)]);
  for (const each of finders)
    if (each.state !== 'answered')
      out.line([yellow(`${each.name}: `), `did not answer (${each.state}). ${each.why ?? ''}`]);
  list(out.line, 'Confirmed: the factory ran the command, and it failed as was said', confirmed);
  list(out.line, 'Not confirmed', notConfirmed);
  list(out.line, 'Rejected', rejected);
  if (document.posted !== undefined)
    out.line(
      `Posted at the pull request ${document.posted.pull}, ${plural(document.posted.comments, 'comment')} on lines.`,
    );
  if (confirmed.length === 0 && complete) out.line(green('No fault was confirmed.'));
  out.line(
    `${plural(finders.length, 'finder')}, ${formatUsd(cost)}. What they looked at: ${program} show ${shortId(projectId)}`,
  );
}

function list(line: (text: Text) => void, title: string, findings: readonly JudgedFinding[]): void {
  if (findings.length === 0) return;
  line('');
  line(bold(`${title} (${findings.length})`));
  for (const each of findings) {
    if ('said' in each) {
      line([`  ${each.id}  `, dim(each.why)]);
      continue;
    }
    const { id, file, line: at, severity, claim, harm, repro, confirmed, why } = each;
    const weight =
      confirmed && severity === 'critical' ? red(severity) : confirmed ? yellow(severity) : severity;
    line(['  ', weight, `  ${file}:${at}  `, dim(id)]);
    line(`    ${claim}`);
    if (confirmed) line(`    ${harm}`);
    line(dim(`    ${why}`));
    if (confirmed && repro !== undefined) line(`    $ ${repro.command.split('\n').join('\n      ')}`);
  }
}
