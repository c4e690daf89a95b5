import { atLeast, countOf, noTests, type TestRun, testRun } from './test-run.ts';

/** GoogleTest: every test is named, also behind what it printed without a line end. */
export function readGtest(text: string): TestRun | null {
  if (!/^\[={10}\] \d+ tests? from \d+ test (?:suites?|cases?) ran\./m.test(text)) return null;
  const tests = noTests();
  for (const [, word = '', name = ''] of text.matchAll(
    /\[ +(OK|FAILED|SKIPPED) +\] ([\w./]+\.[\w./]+?),?(?: where .*)? \(\d+ ms\)$/gm,
  ))
    tests[word === 'OK' ? 'passed' : word === 'SKIPPED' ? 'skipped' : 'failed'].push(name);
  const passed = countOf(text, /^\[ {2}PASSED {2}\] (\d+) tests?\.$/gm);
  return testRun(
    'gtest',
    tests,
    { passed: atLeast(tests.passed, passed) },
    countOf(text, /^ *(\d+) FAILED TESTS?$/gm),
  );
}
