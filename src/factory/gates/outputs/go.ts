import { groups, noTests, type Outcome, type TestRun, testRun } from './test-run.ts';

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
  // Where nothing but a test's own output says so, the line by which its package fails is missing.
  const failed = groups(text, /^--- FAIL: (\S+) \(/gm);
  const told = /^FAIL(?:\t|$)/m.test(text) ? new Set(failed).size : 0;
  if (/^=== RUN /m.test(text)) return testRun('go', tests, {}, told);
  // Only packages are counted then: a test that failed before and passes now is not named any more.
  const total = new Set(groups(text, /^(?:ok {2}|FAIL)\t(\S+)/gm)).size;
  return { ...testRun('go', tests, { total }, told), named: false };
}
