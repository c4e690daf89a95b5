import { figure, noTests, type Outcome, type TestRun, testRun } from './test-run.ts';

const PYTEST: Readonly<Record<string, Outcome>> = {
  PASSED: 'passed',
  XPASS: 'passed',
  FAILED: 'failed',
  ERROR: 'failed',
  SKIPPED: 'skipped',
  XFAIL: 'skipped',
};

/** A subtest that failed, with what it was about; its test is named as passed all the same. */
const SUBTEST = /^SUBFAIL(?:ED)?\b.*? (\S+\.py::.+?)(?: - .*)?$|^(\S+\.py::.+?) SUBFAIL(?:ED)?\b/;

/** pytest, in whatever detail: tests are named by `-v`, by `-rA`, and where they failed. */
export function readPytest(text: string): TestRun | null {
  const sums = /^=*\s*((?:\d+ [a-z]+(?: [a-z]+)?(?:, )?)+) in [\d.]+s.*$/m.exec(text)?.[1];
  if (sums === undefined) return null;
  const found = new Map<string, Outcome>();
  const subtests = new Set<string>();
  const withSubtests = new Set<string>();
  for (const line of text.split('\n')) {
    const sub = SUBTEST.exec(line);
    const whole = sub?.[1] ?? sub?.[2];
    if (whole !== undefined) {
      withSubtests.add(whole);
      if (sub?.[1] !== undefined) subtests.add(line);
      continue;
    }
    const summary = /^(PASSED|XPASS|FAILED|ERROR|XFAIL) (\S+\.py(?:::.+?)?)(?: - .*)?$/.exec(line);
    const verbose = /^(\S+\.py::.+?) (PASSED|XPASS|FAILED|ERROR|SKIPPED|XFAIL)\b/.exec(line);
    const [word, name] = summary ? [summary[1], summary[2]] : [verbose?.[2], verbose?.[1]];
    const outcome = PYTEST[word ?? ''];
    if (outcome !== undefined && name !== undefined) found.set(name, outcome);
  }
  // The sums count each subtest as a failed test, and its test as a passed one.
  const also = [...withSubtests].filter((name) => found.get(name) !== 'failed').length;
  for (const name of withSubtests) found.set(name, 'failed');
  const tests = noTests();
  for (const [name, outcome] of found) tests[outcome].push(name);
  return testRun('pytest', tests, {
    passed: figure(sums, /(\d+) passed/) + figure(sums, /(\d+) xpassed/) - also,
    failed: figure(sums, /(\d+) failed/) + figure(sums, /(\d+) errors?/) - subtests.size + also,
    skipped: figure(sums, /(\d+) skipped/) + figure(sums, /(\d+) xfailed/),
  });
}

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

/** `go test`: without `-v` it names failures only. */
export function readGo(text: string): TestRun | null {
  if (!/^(?:ok {2}\t|FAIL\t|--- (?:PASS|FAIL|SKIP): )/m.test(text)) return null;
  const found = new Map<string, Outcome>();
  for (const [, word = '', name = ''] of text.matchAll(/^ *--- (PASS|FAIL|SKIP): (\S+) \(/gm))
    found.set(name, word === 'PASS' ? 'passed' : word === 'FAIL' ? 'failed' : 'skipped');
  const tests = noTests();
  for (const [name, outcome] of found) {
    const isSuite = [...found.keys()].some((other) => other.startsWith(`${name}/`));
    if (!isSuite) tests[outcome].push(name);
  }
  for (const [, name = ''] of text.matchAll(/^FAIL\t(\S+) \[(?:build|setup) failed\]/gm))
    tests.failed.push(name);
  const run = testRun('go', tests);
  return { ...run, named: /^=== RUN /m.test(text) };
}
