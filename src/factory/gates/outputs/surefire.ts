import { groups, noTests, sumsOfTotal, type TestRun, testRun } from './test-run.ts';

/** Maven's Surefire and Failsafe: sums of each module, names of what failed. */
export function readSurefire(text: string): TestRun | null {
  const all = groups(text, /^(?:\[\w+\] )?(Tests run: \d+, .*)$/gm);
  // A line with a time is that of one class; the module's sum follows.
  const lines = all.filter((line) => !line.includes('Time elapsed'));
  if (lines.length === 0) return null;
  const tests = noTests();
  for (const line of text.split('\n')) {
    const found =
      /^(?:\[ERROR\] )?(\S+?)(?:\((\S+)\))?(?: {2}| --) Time elapsed: .*<<< (?:FAILURE|ERROR)!/.exec(line);
    if (!found || found[1] === 'Tests') continue;
    const [, name = '', place] = found;
    const at = name.lastIndexOf('.');
    tests.failed.push(
      place !== undefined ? `${place} > ${name}` : `${name.slice(0, at)} > ${name.slice(at + 1)}`,
    );
  }
  const sums = sumsOfTotal(lines, {
    total: [/Tests run: (\d+)/],
    failed: [/Failures: (\d+)/, /Errors: (\d+)/],
    skipped: [/Skipped: (\d+)/],
  });
  return testRun('surefire', tests, sums);
}
