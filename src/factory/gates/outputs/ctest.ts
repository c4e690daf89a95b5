import { atLeast, countOf, noTests, type TestRun, testRun } from './test-run.ts';

/** CTest: every test is named, by whatever words; dots fill the line up to the outcome. */
export function readCtest(text: string): TestRun | null {
  if (!/^Total Test time \(real\) = |^No tests were found!!!$/m.test(text)) return null;
  const tests = noTests();
  for (const [, name = '', word = ''] of text.matchAll(
    /^ *\d+\/\d+ Test +#\d+: (.+?) \.{2,}(?: {2,}|\*+)(Passed|Failed|Not Run|Skipped|Timeout|Exception|[\w ]+)/gm,
  ))
    tests[word === 'Passed' ? 'passed' : /^(Not Run|Skipped)/.test(word) ? 'skipped' : 'failed'].push(name);
  const told = countOf(text, /^\d+% tests passed, (\d+) tests? failed out of \d+$/gm);
  const total = countOf(text, /^\d+% tests passed, \d+ tests? failed out of (\d+)$/gm);
  // Of those that were left out it counts some and some not.
  const passed = atLeast(tests.passed, total - told - tests.skipped.length);
  return testRun('ctest', tests, { passed }, told);
}
