import { noTests, sumsOf, type TestRun, testRun } from '../test-run.ts';

/** AVA's default reporter. Names carry their file where there are several. */
export function readAva(text: string): TestRun | null {
  const lines =
    text.match(/^ {2}(?:\d+ (?:tests?|known failures?|uncaught|unhandled)\b.*|No tests found.*)$/gm) ?? [];
  const isAva = /^ {2}(?:\d+ tests? (?:passed|failed|skipped|todo)|No tests found|\d+ uncaught)/m.test(text);
  if (lines.length === 0 || !isAva) return null;
  const tests = noTests();
  for (const line of text.split('\n')) {
    const [, sign, name = ''] = /^ {2}(✔|✘|-) (?:\[[\w ]+\]:? )?(.+?)(?: \([\d.]+m?s\))?$/.exec(line) ?? [];
    if (sign === undefined) continue;
    const whole = name.replaceAll(' › ', ' > ');
    // `a.test.js exited with a non-zero exit code: 1`
    const broken = /^(\S+\.\w+) (?:exited|finished without|No tests found)/.exec(name)?.[1];
    tests[sign === '✔' ? 'passed' : sign === '-' ? 'skipped' : 'failed'].push(broken ?? whole);
  }
  const sums = sumsOf(lines, {
    failed: [/^ {2}(\d+) tests? failed/, /^ {2}(\d+) (?:uncaught|unhandled)/],
    passed: [/^ {2}(\d+) tests? passed/],
    skipped: [/^ {2}(\d+) tests? (?:skipped|todo)/, /^ {2}(\d+) known/],
  });
  // Beside failures it does not say how many passed.
  return testRun('ava', tests, { ...sums, passed: Math.max(sums.passed ?? 0, tests.passed.length) });
}
