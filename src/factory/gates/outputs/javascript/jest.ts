import { countOf, nesting, noTests, sumsOf, type TestRun, testRun } from '../test-run.ts';

/** Jest's default and verbose reporters. With several files the default one names failures only. */
export function readJest(text: string): TestRun | null {
  if (!/^Test Suites: /m.test(text)) return null;
  const tests = noTests();
  let file = '';
  let levels = nesting();
  for (const line of text.split('\n')) {
    const opened = /^(?:PASS|FAIL) (?:\S+ )?([^\s()]+\.\w+)/.exec(line)?.[1];
    if (opened !== undefined) {
      file = opened;
      levels = nesting();
    }
    if (/^ {2}● Test suite failed to run/.test(line)) tests.failed.push(file);
    const [, indent = '', sign, name = ''] =
      /^( {2,})([✓✕○✎]) (?:skipped |todo )?(.+?)(?: \([\d.]+ m?s\))?$/.exec(line) ?? [];
    if (sign !== undefined) {
      const whole = levels.close(indent.length, name) ?? name;
      tests[sign === '✓' ? 'passed' : sign === '✕' ? 'failed' : 'skipped'].push(whole);
    } else {
      const suite = /^( {2,8})([^\s●✓✕○].*)$/.exec(line);
      if (suite) levels.open(suite[1]?.length ?? 0, suite[2] ?? '');
    }
    const told = /^ {2}● (?!Test suite failed|Console|Cannot log)(.+)$/.exec(line)?.[1];
    if (told !== undefined) {
      const whole = told.replaceAll(' › ', ' > ');
      if (!tests.failed.includes(whole)) tests.failed.push(whole);
      levels = nesting();
    }
  }
  const sums = sumsOf(text.match(/^Tests: +.*$/gm) ?? [], {
    passed: [/(\d+) passed/],
    failed: [/(\d+) failed/],
    skipped: [/(\d+) skipped/, /(\d+) todo/],
  });
  return testRun('jest', tests, sums, countOf(text, /^Test Suites: (\d+) failed\b/gm));
}
