import { countOf, groups, noTests, sumsOf, type TestRun, testRun } from '../test-run.ts';

/** `bun test`. Where an agent is near, and in some versions by default, it names failures only. */
export function readBun(text: string): TestRun | null {
  if (!/^Ran \d+ tests? across \d+ files?\./m.test(text)) return null;
  const tests = noTests();
  for (const [, sign = '', name = ''] of text.matchAll(
    /^(\(pass\)|\(fail\)|\(skip\)|\(todo\)|[✓✗»✎]) (.+?)(?: \[[\d.]+m?s\])?$/gm,
  ))
    tests[/pass|✓/.test(sign) ? 'passed' : /fail|✗/.test(sign) ? 'failed' : 'skipped'].push(name);
  const lines = groups(text, /^ *(\d+ (?:pass|fail|skip|todo|errors?))$/gm);
  return testRun(
    'bun',
    tests,
    sumsOf(lines, {
      passed: [/(\d+) pass/],
      failed: [/(\d+) fail/, /(\d+) error/],
      skipped: [/(\d+) skip/, /(\d+) todo/],
    }),
    // Linters under test count errors, too: the runner's own lines stand together.
    countOf(
      text.match(/^ *\d+ pass\n(?: *\S.*\n){0,12}?Ran \d+ tests? across/gm)?.join('\n') ?? '',
      /^ *(\d+) (?:fail|errors?)$/gm,
    ),
  );
}
