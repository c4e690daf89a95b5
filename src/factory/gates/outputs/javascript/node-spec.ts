import { atLeast, countOf, nesting, noTests, type TestRun, testRun } from '../test-run.ts';

/** The `spec` reporter of `node --test`; of several packages each prints one. */
export function readNodeSpec(text: string): TestRun | null {
  if (!/^ℹ tests \d+/m.test(text)) return null;
  const tests = noTests();
  const closed = { passed: 0, all: 0 };
  const lists = text.split(/^ℹ tests \d+/m).map((part) => part.split(/^✖ failing tests:$/m)[0] ?? '');
  for (const list of lists) {
    const levels = nesting();
    for (const line of list.split('\n')) {
      const [, indent = '', sign, rest = ''] = /^( *)([▶✔✖﹣]) (.*)$/u.exec(line) ?? [];
      if (sign === undefined) continue;
      const directive = / # (SKIP|TODO)\b/.test(rest);
      const name = rest.replace(/ # (SKIP|TODO)\b.*$/, '').replace(/ \([\d.]+ms\)$/, '');
      const isOpening = sign === '▶' && name === rest;
      if (isOpening) {
        levels.open(indent.length, name);
        continue;
      }
      const whole = levels.close(indent.length, name);
      const outcome = directive || sign === '﹣' ? 'skipped' : sign === '✔' ? 'passed' : 'failed';
      if (whole !== null) tests[outcome].push(whole);
      else {
        closed.all += 1;
        if (outcome === 'passed') closed.passed += 1;
      }
    }
  }
  // A test with tests in it counts among the passed ones, a suite does not.
  const outer = Math.max(0, closed.all - countOf(text, /^ℹ suites (\d+)$/gm));
  const passed = countOf(text, /^ℹ pass (\d+)$/gm) - Math.min(outer, closed.passed);
  const told = countOf(text, /^ℹ pass \d+\nℹ fail (\d+)\nℹ cancelled (\d+)$/gm);
  const sums = { passed: atLeast(tests.passed, passed) };
  return testRun('node', tests, sums, told, countOf(text, /^ℹ pass (\d+)$/gm));
}
