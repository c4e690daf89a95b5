import { readFailures } from '../../../factory/gates/outputs/failures.ts';
import { changedTestText } from '../../../factory/gates/run/describe.ts';
import type { QualityReport } from '../../../factory/model/gates/gate-report.ts';
import type { NotChecked } from '../../../factory/model/project.ts';
import { formatDuration } from '../../../lib/duration.ts';
import { cut, dim, green, red, type Text, yellow } from './output.ts';

/** Lines of a failing check's output that are shown. */
const TAIL = 12;

/**
 * A gate's outcome, check by check, and of those that failed why.
 *
 * @param worktree where it ran: places are told from there
 */
export function gateLines(report: QualityReport, worktree: string): Text[] {
  const verdict = report.passed ? green('passed') : red('failed');
  const lines: Text[] = [
    ['Gate of ', report.persona, ' ', verdict, dim(`  ${report.kind}, commit ${report.commit.slice(0, 12)}`)],
  ];
  for (const check of report.checks) {
    const known = check.knownFailure && !check.passed ? ' (as on the base commit)' : '';
    const took = check.durationMs === undefined ? '' : `, ${formatDuration(check.durationMs)}`;
    const exit = check.exitCode === undefined || check.exitCode === null ? '' : `exit ${check.exitCode}`;
    lines.push([
      '  ',
      check.passed ? green('passed') : check.required ? red('failed') : yellow('not checked'),
      `  ${check.name}: ${cut(check.command ?? 'no command', 100)}${known}  `,
      dim(`${exit}${took}`),
    ]);
    if (!check.passed) lines.push(...whyNot(check.output, [worktree]));
  }
  lines.push(...testLines(report));
  if (report.changedDefinitions.length > 0) {
    lines.push(['  ', yellow('gate changed'), `  ${report.changedDefinitions.join(', ')}`]);
  }
  for (const objection of report.objections)
    lines.push(['  ', red('not accepted'), `  ${cut(objection, 300)}`]);
  for (const line of report.oldTestsOutput?.split('\n') ?? []) lines.push(['      ', dim(cut(line, 200))]);
  return lines;
}

/** What the runner says of the tests that failed; of an output that tells of none its end. */
function whyNot(output: string, roots: readonly string[]): Text[] {
  const lines = readFailures(output, roots).flatMap(({ test, message, place }): Text[] => {
    const head = place === undefined ? test : `${test} (${place})`;
    const said = message.split('\n').map((line): Text => ['        ', dim(cut(line, 200))]);
    return test === '' ? said : [['      ', dim(cut(head, 200))], ...said];
  });
  return lines.length > TAIL ? [...lines.slice(0, TAIL - 1), ['        ', dim('…')]] : lines;
}

/** Checks that gates leave out, and why. */
export function notCheckedRows(notChecked: readonly NotChecked[] = []): [string, Text][] {
  return notChecked.map(({ name, why }) => [name, [yellow('not checked'), `: ${cut(why, 300)}`]]);
}

/** What is known of single tests, and of new ones whether they ever failed. */
function testLines(report: QualityReport): Text[] {
  const lines: Text[] = [];
  for (const { name, tests, flaky, accepted } of report.checks) {
    if (flaky !== undefined) lines.push(['  ', yellow('flaky'), `  ${name}: ${cut(flaky.join(', '), 200)}`]);
    if (accepted) lines.push(['  ', yellow('accepted'), `  ${name}: known failures of the base commit`]);
    if (tests === undefined) continue;
    const before =
      tests.before === undefined ? '' : `, ${tests.before.passed} of ${tests.before.total} before`;
    lines.push(['  ', dim('tests'), `  ${name}: ${tests.passed} of ${tests.total} passed${before}`]);
    if (tests.newFailures.length > 0)
      lines.push(['  ', red('new failures'), `  ${cut(tests.newFailures.join(', '), 200)}`]);
  }
  for (const { path, outcome } of report.seenRed?.files ?? []) {
    lines.push(['  ', outcome === 'seen red' ? green(outcome) : yellow(outcome), `  ${cut(path, 200)}`]);
  }
  for (const each of report.changedTests ?? []) {
    lines.push(['  ', yellow('test changed'), `  ${cut(changedTestText(each), 300)}`]);
    const sides = [...sideLines('-', each.before), ...sideLines('+', each.after)];
    lines.push(...sides.map((line) => ['      ', dim(line)]));
  }
  return lines;
}

function sideLines(sign: string, text: string): string[] {
  if (text === '') return [];
  const lines = text.split('\n').slice(0, TAIL);
  return lines.map((line) => cut(`${sign} ${line}`, 200));
}
