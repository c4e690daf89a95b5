import { groups, noTests, sumsOf, type TestRun, testRun } from './test-run.ts';

/** Perl's `prove`: it counts tests and names files. */
export function readProve(text: string): TestRun | null {
  const lines = groups(text, /^(Files=\d+, Tests=\d+), /gm);
  if (lines.length === 0) return null;
  const tests = noTests();
  for (const [, file = '', failed = ''] of text.matchAll(
    /^(\S+) +\(Wstat: .*?(?:Tests: \d+ Failed: (\d+))\)$/gm,
  ))
    if (failed !== '0' || !/exited 0/.test(file)) tests.failed.push(file);
  const { total = 0 } = sumsOf(lines, { total: [/Tests=(\d+)/] });
  const failed = sumsOf(groups(text, /^(\S+ +\(Wstat: .*)$/gm), { failed: [/Failed: (\d+)/] }).failed ?? 0;
  return testRun('prove', tests, { passed: Math.max(0, total - failed), failed, total });
}
