import { groups, noTests, sumsOfTotal, type TestRun, testRun } from './test-run.ts';

/** Minitest, and test-unit: sums, and names of what failed; with `-v` all names. */
export function readMinitest(text: string): TestRun | null {
  const lines = groups(text, /^(\d+ (?:runs|tests), \d+ assertions, .*)$/gm);
  if (lines.length === 0) return null;
  const tests = noTests();
  for (const [, name = '', sign = ''] of text.matchAll(/^(\S+#\S.*?) = [\d.]+ s = ([.FES])$/gm))
    tests[sign === '.' ? 'passed' : sign === 'S' ? 'skipped' : 'failed'].push(dotted(name));
  for (const [, name = ''] of text.matchAll(
    /^ *(?:\d+\) )?(?:Failure|Error):\n(\S+#[^\n[]+?)(?: \[.*\])?:?$/gm,
  ))
    tests.failed.push(dotted(name));
  for (const [, name = '', place = ''] of text.matchAll(/^(?:Failure|Error): (\S+)\((\S+)\)/gm))
    tests.failed.push(`${place} > ${name}`);
  const sums = sumsOfTotal(lines, {
    total: [/^(\d+)/],
    failed: [/(\d+) failures/, /(\d+) errors/],
    skipped: [/(\d+) skips/, /(\d+) pendings/, /(\d+) omissions/],
  });
  return testRun('minitest', tests, sums);
}

const dotted = (name: string): string => name.replace('#', ' > ');

/** RSpec: sums, and names of what failed. */
export function readRspec(text: string): TestRun | null {
  const lines = groups(text, /^(\d+ examples?, \d+ failures?.*)$/gm);
  if (lines.length === 0) return null;
  const tests = noTests();
  for (const [, name = ''] of text.matchAll(/^rspec \S+ # (.+)$/gm)) tests.failed.push(name);
  const sums = sumsOfTotal(lines, {
    total: [/^(\d+) examples?/],
    failed: [/(\d+) failures?/, /(\d+) errors? occurred/],
    skipped: [/(\d+) pending/],
  });
  return testRun('rspec', tests, sums);
}
