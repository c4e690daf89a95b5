import { atLeast, countOf, groups, noTests, sumsOf, type TestRun, testRun } from './test-run.ts';

/** `cargo test`: every test of every target is named, unless code under test writes between a name and its outcome. */
export function readCargo(text: string): TestRun | null {
  if (!/^test result: /m.test(text)) return null;
  const tests = noTests();
  const found = [...text.matchAll(/^test (.+?)(?: - should panic)? \.\.\. (ok|FAILED|ignored)\b/gm)];
  const names = withoutLines(found.map(([, name = '']) => name));
  for (const [, name = '', word = ''] of found)
    tests[word === 'ok' ? 'passed' : word === 'ignored' ? 'skipped' : 'failed'].push(names.get(name) ?? name);
  const told = countOf(text, /^test result: \w+\. \d+ passed; (\d+) failed;/gm);
  const passed = countOf(text, /^test result: \w+\. (\d+) passed;/gm);
  return testRun('cargo', tests, { passed: atLeast(tests.passed, passed) }, told);
}

/** `src/lib.rs - Parser::next (line 630)`: an example in documentation. */
const EXAMPLE = /^(.+ -(?: .+?)?) \(line (\d+)\)(.*)$/;

/**
 * Names of examples without the lines at which they stand, which every change above them moves; several of one item are counted.
 */
function withoutLines(names: readonly string[]): Map<string, string> {
  const examples = names.flatMap((name) => {
    const [, item = '', line = '', rest = ''] = EXAMPLE.exec(name) ?? [];
    return line === '' ? [] : [{ name, plain: `${item}${rest}`, line: Number(line) }];
  });
  const seen = new Map<string, number>();
  return new Map(
    examples
      .sort((a, b) => a.line - b.line)
      .map(({ name, plain }) => {
        const count = (seen.get(plain) ?? 0) + 1;
        seen.set(plain, count);
        return [name, count === 1 ? plain : `${plain} (${count})`];
      }),
  );
}

/** `cargo nextest run`. */
export function readNextest(text: string): TestRun | null {
  const sums = groups(text, /^ +Summary \[.*?\] +(\d+ tests? run: .*)$/gm);
  if (sums.length === 0) return null;
  const tests = noTests();
  for (const [, word = '', name = ''] of text.matchAll(
    /^ +(PASS|FAIL|SKIP|ABORT|SIG\w+) \[.*?\] (?:\( *\d+\/\d+\) )?(.+)$/gm,
  ))
    tests[word === 'PASS' ? 'passed' : word === 'SKIP' ? 'skipped' : 'failed'].push(name);
  return testRun(
    'nextest',
    tests,
    sumsOf(sums, { passed: [/(\d+) passed/], failed: [/(\d+) failed/], skipped: [/(\d+) skipped/] }),
  );
}
