import { countOf, noTests, type TestRun, testRun } from './test-run.ts';

/** CTest: every test is named. */
export function readCtest(text: string): TestRun | null {
  if (!/^Total Test time \(real\) = |^No tests were found!!!$/m.test(text)) return null;
  const tests = noTests();
  for (const [, name = '', word = ''] of text.matchAll(
    /^ *\d+\/\d+ Test +#\d+: (\S+) [ .]*\**(Passed|Failed|Not Run|Skipped|Timeout|Exception|[\w ]+)/gm,
  ))
    tests[word === 'Passed' ? 'passed' : /^(Not Run|Skipped)/.test(word) ? 'skipped' : 'failed'].push(name);
  const told = countOf(text, /^\d+% tests passed, (\d+) tests? failed out of \d+$/gm);
  return testRun('ctest', tests, {}, told);
}
