import { countOf, noTests, type TestRun, testRun } from './test-run.ts';

/** GoogleTest: every test is named. */
export function readGtest(text: string): TestRun | null {
  if (!/^\[={10}\] \d+ tests? from \d+ test (?:suites?|cases?) ran\./m.test(text)) return null;
  const tests = noTests();
  for (const [, word = '', name = ''] of text.matchAll(
    /^\[ +(OK|FAILED|SKIPPED) +\] ([\w./]+\.[\w./]+?),?(?: where .*)? \(\d+ ms\)$/gm,
  ))
    tests[word === 'OK' ? 'passed' : word === 'SKIPPED' ? 'skipped' : 'failed'].push(name);
  return testRun('gtest', tests, {}, countOf(text, /^ *(\d+) FAILED TESTS?$/gm));
}
