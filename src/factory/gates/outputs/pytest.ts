import { groups, noTests, type Outcome, sumsOf, type TestRun, testRun } from './test-run.ts';

const OUTCOMES: Readonly<Record<string, Outcome>> = {
  PASSED: 'passed',
  XPASS: 'passed',
  FAILED: 'failed',
  ERROR: 'failed',
  SKIPPED: 'skipped',
  XFAIL: 'skipped',
};

/** `1 failed, 2 passed, 1 subtests passed`, or `no tests ran`. */
const SUMS = /^=* ?((?:\d+|no) [a-z]+(?: [a-z]+)?(?:, \d+ [a-z]+(?: [a-z]+)?)*) in [\d.]+s.*$/gm;
/** A subtest that failed, with what it was about; its test is named as passed all the same. */
const SUBTEST = /^SUBFAIL(?:ED)?\b.*? (\S+\.py::.+?)(?: - .*)?$|^(\S+\.py::.+?) SUBFAIL(?:ED)?\b/;

/** pytest, in whatever detail: tests are named by `-v`, by `-rA`, and where they failed. */
export function readPytest(text: string): TestRun | null {
  const lines = groups(text, SUMS);
  if (lines.length === 0) return null;
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
    const outcome = OUTCOMES[word ?? ''];
    if (outcome !== undefined && name !== undefined) found.set(name, outcome);
  }
  // The sums count each subtest as a failed test, and its test as a passed one.
  const also = [...withSubtests].filter((name) => found.get(name) !== 'failed').length;
  for (const name of withSubtests) found.set(name, 'failed');
  const tests = noTests();
  for (const [name, outcome] of found) tests[outcome].push(name);
  const {
    passed = 0,
    failed = 0,
    skipped = 0,
  } = sumsOf(lines, {
    passed: [/(\d+) passed/, /(\d+) xpassed/],
    failed: [/(\d+) failed/, /(\d+) errors?/],
    skipped: [/(\d+) skipped/, /(\d+) xfailed/],
  });
  return testRun(
    'pytest',
    tests,
    { passed: passed - also, failed: failed - subtests.size + also, skipped },
    failed,
  );
}
