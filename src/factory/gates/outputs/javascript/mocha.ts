import { type NamedTests, noTests, sumsOf, type TestRun, testRun } from '../test-run.ts';

/** Mocha's `spec` reporter; of its others the sums and the failures. */
export function readMocha(text: string): TestRun | null {
  const lines = text.match(/^ {2}\d+ (?:passing|failing|pending)\b.*$/gm) ?? [];
  if (!lines.some((line) => line.includes('passing'))) return null;
  const tests = noTests();
  for (const [at, part] of text.split(/^ {2}\d+ passing\b.*$/m).entries()) {
    // Behind the sums stand the failures once more; the next package's list begins behind the line of its script.
    const list =
      at === 0
        ? part
        : (part
            .split(/^> .*$/m)
            .slice(1)
            .at(-1) ?? '');
    readList(list, tests);
  }
  const sums = sumsOf(lines, {
    passed: [/^ {2}(\d+) passing/],
    failed: [/^ {2}(\d+) failing/],
    skipped: [/^ {2}(\d+) pending/],
  });
  if (tests.failed.length === 0) tests.failed.push(...toldFailures(text));
  return testRun('mocha', tests, sums);
}

function readList(text: string, tests: NamedTests): void {
  let suites: { depth: number; name: string }[] = [];
  for (const line of text.split('\n')) {
    const [, indent = '', sign, name = ''] = /^( +)(✔ |✓ |\d+\) |- )?(.+)$/.exec(line) ?? [];
    if (indent === '') continue;
    suites = suites.filter(({ depth }) => depth < indent.length);
    if (sign === undefined) {
      suites.push({ depth: indent.length, name });
      continue;
    }
    const plain = name.replace(/ \(\d+ms\)$/, '');
    const whole = [...suites.map((each) => each.name), plain].join(' > ');
    tests[sign === '- ' ? 'skipped' : /^\d/.test(sign) ? 'failed' : 'passed'].push(whole);
  }
}

/** `  1) suite`, with the test's title below it and a colon behind. */
function toldFailures(text: string): string[] {
  const told = /^ {2}\d+\) (.+(?:\n {7,}.+?)*?):$/gm;
  return [...text.matchAll(told)].map(([, name = '']) =>
    name
      .split('\n')
      .map((line) => line.trim())
      .join(' > '),
  );
}
