import { notTheAuthor } from '../hearings/author.ts';
import type { JudgedFinding } from '../model/review.ts';
import { isCritical, tellFinding } from '../review/order.ts';
import { reviewChange } from '../review/review.ts';
import type { AuditOutcome, Finding, Judged, Round } from './round.ts';

/**
 * `audits.review`: has the whole work reviewed before a closing audit passes. A critical fault that the factory has seen is open work;
 * whatever else was found is told alone.
 */
export async function reviewWork(
  round: Round,
): Promise<Exclude<Judged, AuditOutcome> | { findings: Finding[] }> {
  const { deps, project, commit: head } = round;
  const reviewed = await reviewChange(deps, round, {
    ...{ project, head, about: project.description, evenUnpaid: false },
    ...(await notTheAuthor(deps.state, project.id)),
    tell: (finding) => tellFinding(deps, project.id, finding),
  });
  if (reviewed === 'interrupted' || 'notNow' in reviewed) return reviewed;
  const silent = reviewed.finders.every(({ state }) => state !== 'answered');
  const texts = silent
    ? ['No reviewer gave an answer that can be read.']
    : reviewed.findings.filter(isCritical).map(textOf);
  return { findings: texts.map((text) => ({ taskId: null, persona: null, text })) };
}

/** With the command, for the agent that is to mend it. */
function textOf(finding: JudgedFinding): string {
  if ('said' in finding) return finding.why;
  const { file, line, claim, harm, repro } = finding;
  const files = (repro?.files ?? []).map(({ path, content }) => `${path}:\n${content}`);
  return [
    `A review found a critical fault in ${file}:${line}: ${claim} ${harm}`,
    ...(repro === undefined
      ? []
      : [`\`${repro.command}\` ends with exit code ${repro.exitCode} because of it.`]),
    ...(files.length === 0 ? [] : [`It needs ${files.join('\n')}`]),
  ].join(' ');
}
