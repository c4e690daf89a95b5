import type { NewEvent } from '../../model/event.ts';
import type { QualityReport } from '../../model/gates/gate-report.ts';
import { TESTS } from '../proof/fewer-tests.ts';

/** Shorter names of tests are words that a description may hold by chance. */
const SHORTEST_NAME = 8;

/** What people are told of the gate before the work: what is red then is no failure of anybody's. */
export function baselineText(
  { checks, passed }: Pick<QualityReport, 'checks' | 'passed'>,
  description: string,
): Pick<NewEvent, 'level' | 'message'> {
  const text = `baseline gate: ${checks.filter((check) => check.passed).length} of ${checks.length} passed`;
  if (passed) return { level: 'info', message: text };
  const tests = checks.find(({ name }) => name === TESTS);
  if (tests?.passed === false && asksToMend(description, tests.tests?.failures ?? []))
    return { level: 'info', message: `${text} (expected: you asked to mend the test)` };
  return { level: 'warn', message: `${text} (what fails before the work begins is known from now on)` };
}

/** The owner names a test that fails, or speaks of tests that do. */
export function asksToMend(description: string, failures: readonly string[]): boolean {
  if (failures.map(ownName).some((name) => name.length >= SHORTEST_NAME && description.includes(name)))
    return true;
  return (
    /\b(tests?|specs?)\b/i.test(description) &&
    /\b(fix(es|ed|ing)?|mend|repair|fail(s|ed|ing)?|broken|red)\b/i.test(description)
  );
}

/** Without the file and the groups that it stands in. */
function ownName(name: string): string {
  return name.split(/ [>›»] |::/).at(-1) ?? name;
}
