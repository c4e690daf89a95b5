import { groups, noTests, sumsOfTotal, type TestRun, testRun } from './test-run.ts';

/** PHPUnit: sums, and names of what failed. */
export function readPhpunit(text: string): TestRun | null {
  const fine = groups(text, /^(OK \(\d+ tests?, \d+ assertions?\))$/gm);
  const other = groups(text, /^(Tests: \d+, Assertions: \d+.*)$/gm);
  if (fine.length + other.length === 0) {
    return /^No tests executed!$/m.test(text) ? testRun('phpunit', noTests()) : null;
  }
  const tests = noTests();
  for (const [, place = '', name = ''] of text.matchAll(/^\d+\) ([\w\\]+)::(.+)$/gm))
    tests.failed.push(`${place} > ${name}`);
  const sums = sumsOfTotal([...fine, ...other], {
    total: [/^OK \((\d+)/, /^Tests: (\d+)/],
    failed: [/Failures: (\d+)/, /Errors: (\d+)/],
    skipped: [/Skipped: (\d+)/, /Incomplete: (\d+)/],
  });
  // Among the numbered ones stand those that are risky or left out as well.
  const named =
    tests.failed.length > sums.failed ? { ...noTests(), failed: tests.failed.slice(0, sums.failed) } : tests;
  return testRun('phpunit', named, sums);
}
