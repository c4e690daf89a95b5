import { groups, noTests, type Outcome, type TestRun, testRun } from './test-run.ts';

/** `go test`: without `-v` it names failures only. */
export function readGo(text: string): TestRun | null {
  if (!/^(?:ok {2}\t|FAIL\t|--- (?:PASS|FAIL|SKIP): )/m.test(text)) return null;
  const tests = noTests();
  const found = outcomesIn(text);
  const suites = new Set([...found.keys()].flatMap(above));
  for (const [name, outcome] of found) if (!suites.has(name)) tests[outcome].push(name);
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

/** The outcome of each test by its name, also behind what it printed without a line end; then it must have been seen to begin. */
function outcomesIn(text: string): Map<string, Outcome> {
  const begun = new Set(groups(text, /^=== RUN +(\S+)$/gm));
  const found = new Map<string, Outcome>();
  const behind = new Map<string, Outcome>();
  for (const [, start, word = '', name = ''] of text.matchAll(
    /(?:^ *()|[^\n])--- (PASS|FAIL|SKIP): (\S+) \(/gm,
  )) {
    const outcome = word === 'PASS' ? 'passed' : word === 'FAIL' ? 'failed' : 'skipped';
    if (start !== undefined) found.set(name, outcome);
    else if (begun.has(name)) behind.set(name, outcome);
  }
  for (const [name, outcome] of behind) if (!found.has(name)) found.set(name, outcome);
  return found;
}

/** `TestA` and `TestA/b` of `TestA/b/c`. */
function above(name: string): string[] {
  const parts = name.split('/');
  return parts.slice(1).map((_, at) => parts.slice(0, at + 1).join('/'));
}
