import { groups, noTests, sumsOfTotal, type TestRun, testRun } from '../test-run.ts';

/** Jasmine's own reporter: it names what failed and what waits. */
export function readJasmine(text: string): TestRun | null {
  const lines = groups(text, /^(\d+ specs?, \d+ failures?.*)$/gm);
  if (lines.length === 0) return null;
  const tests = noTests();
  for (const [, name = ''] of text.matchAll(/^\d+\) (.+)\n {2}Message:$/gm)) tests.failed.push(name);
  for (const [, name = ''] of text.matchAll(/^\d+\) (.+)\n {2}(?!Message:)\S.*$/gm)) tests.skipped.push(name);
  const sums = sumsOfTotal(lines, {
    total: [/(\d+) specs?/],
    failed: [/(\d+) failures?/],
    skipped: [/(\d+) pending/],
  });
  return testRun('jasmine', tests, sums);
}
