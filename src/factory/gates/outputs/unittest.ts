import { groups, noTests, sumsOf, type TestRun, testRun } from './test-run.ts';

/** Python's unittest, and Django's runner. Only `-v` names the tests that passed. */
export function readUnittest(text: string): TestRun | null {
  const ran = groups(text, /^Ran (\d+) tests? in [\d.]+s$/gm);
  if (ran.length === 0) return null;
  const tests = noTests();
  for (const [, name = '', place = '', parameters = ''] of text.matchAll(
    /^(?:FAIL|ERROR|UNEXPECTED SUCCESS): (\S+) \(([^()]+)\)((?: [[(].*[\])])*)$/gm,
  ))
    tests.failed.push(nameOf(name, place) + parameters);
  for (const [, name = '', place = '', word = ''] of text.matchAll(
    /^(\w+) \(([\w.<>]+)\)(?:\n(?!\w+ \().*?)? \.\.\. (?:.*\n)?(ok|skipped\b|expected failure)/gm,
  ))
    tests[word === 'ok' ? 'passed' : 'skipped'].push(nameOf(name, place));
  const total = ran.reduce((sum, each) => sum + Number(each), 0);
  const bad = [/(?<!expected )failures=(\d+)/, /errors=(\d+)/, /unexpected successes=(\d+)/];
  const { failed = 0, skipped = 0 } = sumsOf(groups(text, /^((?:OK|FAILED|NO TESTS RAN)\b.*)$/gm), {
    failed: bad,
    skipped: [/skipped=(\d+)/, /expected failures=(\d+)/],
  });
  const told = sumsOf(groups(text, /^FAILED (\(.*\))$/gm), { failed: bad }).failed;
  // A test whose parts failed counts once among those that ran, and with each part among the failures.
  const passed = Math.max(0, total - failed - skipped);
  return testRun('unittest', tests, { passed, failed, skipped, total }, told);
}

/** A module that could not be imported stands for its file. Older versions leave the test out of its place. */
function nameOf(name: string, place: string): string {
  if (place.startsWith('unittest.loader._FailedTest')) return `${name.replaceAll('.', '/')}.py`;
  return `${place.endsWith(`.${name}`) ? place.slice(0, -name.length - 1) : place} > ${name}`;
}
