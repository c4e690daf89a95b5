import type { ChangedTest, CheckResult, QualityReport } from '../../model/gates/gate-report.ts';
import { listNames, weakeningText } from '../proof/test-changes.ts';

const PUT_BACK =
  'Put back as it was what differs from the base commit; if your task cannot be done without the change, say so in a task that ' +
  'names the file.';
const SEALED_HINT =
  'They are acceptance tests that you cannot see. They check what the description asks for: read it again, and do that for ' +
  'every input, not only for the examples.';

/** What the agent is told of a gate: each check with its outcome, and of the failing ones the output. */
export function describeReport(report: QualityReport): string {
  const lines = report.checks.flatMap((check) => [checkText(check), ...testLines(check)]);
  for (const objection of report.objections) lines.push(`- NOT ACCEPTED: ${objection}`);
  const allowed = report.allowedChanges.map(({ path }) => path);
  if (report.changedDefinitions.some((path) => !allowed.includes(path))) lines.push(`  ${PUT_BACK}`);
  if (report.oldTestsOutput !== undefined)
    lines.push(`  with the old tests it printed:\n${indent(report.oldTestsOutput)}`);
  for (const { path, by } of report.allowedChanges) {
    lines.push(
      by === 'owner'
        ? `- gate changed: ${path}, as the owner allowed`
        : `- gate changed: ${path}, named in a task; the commands ran with the version of the base commit`,
    );
  }
  for (const weakening of report.weakenings)
    if (weakening.allowed !== null) lines.push(`- allowed by the owner: ${weakeningText(weakening)}`);
  for (const each of report.changedTests ?? []) lines.push(`- ${changedTestText(each)}`);
  for (const { path, outcome } of report.seenRed?.files ?? []) {
    const words = {
      'seen red': 'seen red: it fails without your work',
      'never red': 'NEVER RED: it passes on the base commit as well, so it proves nothing of your work',
      unknown: 'not known whether it fails without your work',
    }[outcome];
    lines.push(`- tests of ${path}: ${words}`);
  }
  if (report.checks.length === 0) lines.push('- no checks are asked for');
  return lines.join('\n');
}

function checkText(check: CheckResult): string {
  const { name, passed, output } = check;
  const command = check.sealed ? undefined : check.command;
  const known = check.knownFailure && !passed ? ' (it failed on the base commit too)' : '';
  const outcome = check.accepted
    ? 'failed as on the base commit, which the owner accepts'
    : passed
      ? 'passed'
      : 'FAILED';
  const head = `- ${name}: ${outcome}${known}${command ? ` \`${command}\`` : ''}`;
  return passed ? head : `${head}\n${indent(check.sealed ? `${output}\n${SEALED_HINT}` : output)}`;
}

/** What is known of single tests. */
function testLines({ tests, passed, flaky, attempts }: CheckResult): string[] {
  const lines: string[] = [];
  if (flaky !== undefined)
    lines.push(`  flaky, it failed in one run of ${attempts ?? 2}: ${listNames(flaky)}`);
  if (tests === undefined) return lines;
  const before =
    tests.before === undefined ? '' : ` (on the base commit ${tests.before.passed} of ${tests.before.total})`;
  lines.push(`  tests: ${tests.passed} of ${tests.total} passed${before}`);
  if (passed && tests.failures.length === 0) return lines;
  if (tests.newFailures.length > 0) lines.push(`  new failures: ${listNames(tests.newFailures)}`);
  if (tests.knownFailures.length > 0)
    lines.push(`  known from the base commit: ${listNames(tests.knownFailures)}`);
  return lines;
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}

/** One sentence: what asks for something else than on the base commit, and who allowed it. */
export function changedTestText({ path, tests, by, as }: ChangedTest): string {
  if (as !== undefined) return goneTestText(path, tests, as, by);
  const names = tests.length === 0 ? '' : `, which decides about ${listNames(tests)}`;
  const allowed = {
    owner: 'as the owner allowed',
    task: 'named in a task; whether the work asks for that is put to the judge',
    judge: 'beside new tests that were seen red; whether the work asks for that is put to the judge',
  }[by];
  return `${path}${names}, asks for something else than on the base commit: ${allowed}`;
}

/** What of a test of before does not run under its name any more. */
function goneTestText(
  path: string,
  tests: readonly string[],
  as: 'rows' | 'parameters',
  by: ChangedTest['by'],
): string {
  const what = {
    rows: 'became rows of a test with parameters',
    parameters: 'did not run any more, for the product gives that test nothing of the kind',
  }[as];
  const allowed =
    by === 'owner' ? 'as the owner allowed' : 'whether the work asks for that is put to the judge';
  return `${path}: ${listNames(tests)} ${what}: ${allowed}`;
}
