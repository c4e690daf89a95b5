import { groups, noTests, sumsOf, type TestRun, testRun } from './test-run.ts';

/** `dotnet test`: sums of each project, names of what failed. */
export function readDotnet(text: string): TestRun | null {
  const lines = groups(text, /^((?:Passed|Failed|Skipped)! +- Failed: .*)$/gm);
  if (lines.length === 0) return null;
  const tests = noTests();
  for (const [, name = ''] of text.matchAll(/^ {2}Failed (\S.*?) \[[^\]]*\]$/gm)) tests.failed.push(name);
  return testRun(
    'dotnet',
    tests,
    sumsOf(lines, { passed: [/Passed: +(\d+)/], failed: [/Failed: +(\d+)/], skipped: [/Skipped: +(\d+)/] }),
  );
}
