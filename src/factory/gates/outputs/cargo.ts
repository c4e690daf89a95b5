import { groups, noTests, sumsOf, type TestRun, testRun } from './test-run.ts';

/** `cargo test`: every test of every target is named. */
export function readCargo(text: string): TestRun | null {
  if (!/^test result: /m.test(text)) return null;
  const tests = noTests();
  for (const [, name = '', word = ''] of text.matchAll(
    /^test (.+?)(?: - should panic)? \.\.\. (ok|FAILED|ignored)\b/gm,
  ))
    tests[word === 'ok' ? 'passed' : word === 'ignored' ? 'skipped' : 'failed'].push(name);
  return testRun('cargo', tests);
}

/** `cargo nextest run`. */
export function readNextest(text: string): TestRun | null {
  const sums = groups(text, /^ +Summary \[.*?\] +(\d+ tests? run: .*)$/gm);
  if (sums.length === 0) return null;
  const tests = noTests();
  for (const [, word = '', name = ''] of text.matchAll(
    /^ +(PASS|FAIL|SKIP|ABORT|SIG\w+) \[.*?\] (?:\( *\d+\/\d+\) )?(.+)$/gm,
  ))
    tests[word === 'PASS' ? 'passed' : word === 'SKIP' ? 'skipped' : 'failed'].push(name);
  return testRun(
    'nextest',
    tests,
    sumsOf(sums, { passed: [/(\d+) passed/], failed: [/(\d+) failed/], skipped: [/(\d+) skipped/] }),
  );
}
