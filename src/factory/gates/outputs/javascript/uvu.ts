import { groups, noTests, sumsOf, type TestRun, testRun } from '../test-run.ts';

/** uvu: it names failures only. */
export function readUvu(text: string): TestRun | null {
  if (!/^ {2}Total: +\d+$/m.test(text) || !/^ {2}Passed: +\d+$/m.test(text)) return null;
  const tests = noTests();
  for (const [, suite = '', name = ''] of text.matchAll(/^ +FAIL {2}(?:(\S.*?) {2})?"(.+)"$/gm))
    tests.failed.push(suite === '' ? name : `${suite} > ${name}`);
  const lines = groups(text, /^ {2}((?:Total|Passed|Skipped): +\d+)$/gm);
  const {
    total = 0,
    passed = 0,
    skipped = 0,
  } = sumsOf(lines, {
    total: [/Total: +(\d+)/],
    passed: [/Passed: +(\d+)/],
    skipped: [/Skipped: +(\d+)/],
  });
  return testRun('uvu', tests, { passed, failed: total - passed, skipped });
}
