import type { QualityReport } from './report.ts';

/** What the agent is told of a gate: each check with its outcome, and of the failing ones the output. */
export function describeReport(report: QualityReport): string {
  const lines = report.checks.map((check) => {
    const known = check.knownFailure && !check.passed ? ' (it failed on the base commit too)' : '';
    const head = `- ${check.name}: ${check.passed ? 'passed' : 'FAILED'}${known}${check.command ? ` \`${check.command}\`` : ''}`;
    return check.passed ? head : `${head}\n${indent(check.output)}`;
  });
  for (const objection of report.objections) lines.push(`- NOT ACCEPTED: ${objection}`);
  for (const { path, by } of report.allowedChanges) {
    lines.push(
      by === 'owner'
        ? `- gate changed: ${path}, as the owner allowed`
        : `- gate changed: ${path}, named in a task; the commands ran with the version of the base commit`,
    );
  }
  if (report.checks.length === 0) lines.push('- no checks are asked for');
  return lines.join('\n');
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}
