import type { QualityReport } from '../../factory/gates/report.ts';
import { formatDuration } from '../../lib/duration.ts';
import { cut, dim, green, red, type Text, yellow } from './output.ts';

/** Lines of a failing check's output that are shown. */
const TAIL = 12;

/** A gate's outcome, check by check, with the end of the output of those that failed. */
export function gateLines(report: QualityReport): Text[] {
  const verdict = report.passed ? green('passed') : red('failed');
  const lines: Text[] = [
    ['Gate of ', report.persona, ' ', verdict, dim(`  ${report.kind}, commit ${report.commit.slice(0, 12)}`)],
  ];
  for (const check of report.checks) {
    const known = check.knownFailure && !check.passed ? ' (known from the base commit)' : '';
    const took = check.durationMs === undefined ? '' : `, ${formatDuration(check.durationMs)}`;
    const exit = check.exitCode === undefined || check.exitCode === null ? '' : `exit ${check.exitCode}`;
    lines.push([
      '  ',
      check.passed ? green('passed') : red('failed'),
      `  ${check.name}: ${cut(check.command ?? 'no command', 100)}${known}  `,
      dim(`${exit}${took}`),
    ]);
    if (!check.passed) {
      const tail = check.output.trimEnd().split('\n').slice(-TAIL);
      lines.push(...tail.map((line) => ['      ', dim(cut(line, 200))]));
    }
  }
  if (report.changedDefinitions.length > 0) {
    lines.push(['  ', yellow('gate changed'), `  ${report.changedDefinitions.join(', ')}`]);
  }
  return lines;
}
