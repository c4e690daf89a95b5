import { countOf, nesting, noTests, type TestRun, testRun } from '../test-run.ts';

/** The `spec` reporter of `node --test`. */
export function readNodeSpec(text: string): TestRun | null {
  if (!/^ℹ tests \d+/m.test(text)) return null;
  const tests = noTests();
  const levels = nesting();
  const list = text.split(/^ℹ tests \d+/m)[0] ?? '';
  for (const line of list.split('\n')) {
    const [, indent = '', sign, rest = ''] = /^( *)([▶✔✖﹣]) (.*)$/u.exec(line) ?? [];
    if (sign === undefined) continue;
    const directive = / # (SKIP|TODO)\b/.test(rest);
    const name = rest.replace(/ # (SKIP|TODO)\b.*$/, '').replace(/ \([\d.]+ms\)$/, '');
    const isOpening = sign === '▶' && name === rest;
    if (isOpening) levels.open(indent.length, name);
    else {
      const whole = levels.close(indent.length, name);
      if (whole !== null)
        tests[directive || sign === '﹣' ? 'skipped' : sign === '✔' ? 'passed' : 'failed'].push(whole);
    }
  }
  const told = countOf(text, /^ℹ pass \d+\nℹ fail (\d+)\nℹ cancelled (\d+)$/gm);
  return testRun('node', tests, {}, told, countOf(text, /^ℹ pass (\d+)$/gm));
}
