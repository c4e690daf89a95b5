import { groups, noTests, sumsOf, type TestRun, testRun } from '../test-run.ts';

/** `deno test`. */
export function readDeno(text: string): TestRun | null {
  const lines = groups(text, /^((?:ok|FAILED) \| \d+ passed.*)$/gm);
  if (lines.length === 0) return null;
  const tests = noTests();
  for (const [, name = '', word = ''] of text.matchAll(/^ *(\S.*?) \.\.\. (ok|FAILED|ignored)\b/gm))
    tests[word === 'ok' ? 'passed' : word === 'ignored' ? 'skipped' : 'failed'].push(name);
  return testRun(
    'deno',
    tests,
    sumsOf(lines, { passed: [/(\d+) passed/], failed: [/(\d+) failed/], skipped: [/(\d+) ignored/] }),
  );
}
