import { figure, nesting, noTests, type TestRun, testRun, type TestTotals } from './test-run.ts';

/** Vitest's default and verbose reporters. The default one names failures only. */
export function readVitest(text: string): TestRun | null {
  const sums = /^ +Tests {2}(.*)$/m.exec(text)?.[1];
  if (!/^ Test Files {2}/m.test(text)) return null;
  const tests = noTests();
  for (const line of text.split('\n')) {
    const failed = /^ FAIL {2}(?:\|[^|]*\| )?(.+)$/.exec(line)?.[1];
    if (failed !== undefined) tests.failed.push(failed.replace(/ \[ .* \]$/, '').trim());
    const listed = /^ *([✓↓]) (\S+ > .+?)(?: \d+ms)?$/.exec(line);
    if (listed) tests[listed[1] === '✓' ? 'passed' : 'skipped'].push(listed[2] ?? '');
  }
  return testRun('vitest', tests, totals(sums ?? ''));
}

function totals(sums: string): Partial<TestTotals> {
  return {
    passed: figure(sums, /(\d+) passed/),
    failed: figure(sums, /(\d+) failed/),
    skipped: figure(sums, /(\d+) skipped/) + figure(sums, /(\d+) todo/),
  };
}

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
  return testRun('jest', tests, totals(/^Tests: +(.*)$/m.exec(text)?.[1] ?? ''));
}
