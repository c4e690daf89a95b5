import { countOf, groups, noTests, sumsOf, type TestRun, testRun } from '../test-run.ts';

/** Vitest's default and verbose reporters. The default one names failures only. */
export function readVitest(text: string): TestRun | null {
  if (!/^ Test Files {2}/m.test(text) && !/^No test files found/m.test(text)) return null;
  const tests = noTests();
  for (const line of text.split('\n')) {
    const failed = /^ FAIL {2}(?:\|[^|]*\| )?(.+)$/.exec(line)?.[1];
    if (failed !== undefined) tests.failed.push(failed.replace(/ \[ .* \]$/, '').trim());
    const listed = /^ *([✓↓]) (\S+ > .+?)(?: \d+ms| \((?:retry|repeat) x\d+\))*$/.exec(line);
    if (listed) tests[listed[1] === '✓' ? 'passed' : 'skipped'].push(listed[2] ?? '');
  }
  return testRun(
    'vitest',
    tests,
    sumsOf(groups(text, /^ +Tests {2}(.*)$/gm), {
      passed: [/(\d+) passed/],
      failed: [/(\d+) failed/],
      skipped: [/(\d+) skipped/, /(\d+) todo/],
    }),
    // Files in which tests failed, or that could not be loaded.
    countOf(text, /^ Test Files {2}(\d+) failed\b/gm),
  );
}
