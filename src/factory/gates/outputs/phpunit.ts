import { groups, noTests, sumsOf, type TestRun, testRun } from './test-run.ts';

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
  const {
    total = 0,
    failed = 0,
    skipped = 0,
  } = sumsOf([...fine, ...other], {
    total: [/^OK \((\d+)/, /^Tests: (\d+)/],
    failed: [/Failures: (\d+)/, /Errors: (\d+)/],
    skipped: [/Skipped: (\d+)/, /Incomplete: (\d+)/],
  });
  // Among the numbered ones stand those that are risky or left out as well.
  const named =
    tests.failed.length > failed ? { ...noTests(), failed: tests.failed.slice(0, failed) } : tests;
  return testRun('phpunit', named, { passed: Math.max(0, total - failed - skipped), failed, skipped });
}
