import { figure, nesting, noTests, type Outcome, type TestRun, testRun } from './test-run.ts';

/** TAP, as `node --test` writes it when nobody watches, and as tap and others do. */
export function readTap(text: string): TestRun | null {
  if (!/^TAP version 1[34]|^(not )?ok \d+ - /m.test(text)) return null;
  const tests = noTests();
  const levels = nesting();
  for (const line of text.split('\n')) {
    const opened = /^( *)# Subtest: (.*)$/.exec(line);
    if (opened) levels.open(opened[1]?.length ?? 0, opened[2]?.trim() ?? '');
    const closed = /^( *)(not ok|ok) \d+ - (.*?)(?: # (SKIP|TODO)\b.*)?$/i.exec(line);
    if (!closed) continue;
    const [, indent = '', verdict, name = '', directive] = closed;
    const whole = levels.close(indent.length, name.trim());
    if (whole === null) continue;
    tests[outcome(verdict === 'ok', directive !== undefined)].push(whole);
  }
  return testRun('tap', tests);
}

function outcome(passed: boolean, directive: boolean): Outcome {
  return directive ? 'skipped' : passed ? 'passed' : 'failed';
}

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
      if (whole !== null) tests[outcome(sign === '✔', directive || sign === '﹣')].push(whole);
    }
  }
  return testRun('node', tests);
}

/** Mocha's `spec` reporter. */
export function readMocha(text: string): TestRun | null {
  const summary = /^ {2}\d+ passing\b/m.exec(text);
  if (summary === null) return null;
  const tests = noTests();
  let suites: { depth: number; name: string }[] = [];
  for (const line of text.slice(0, summary.index).split('\n')) {
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
  const end = text.slice(summary.index);
  return testRun('mocha', tests, {
    passed: figure(end, /(\d+) passing/),
    failed: figure(end, /(\d+) failing/),
    skipped: figure(end, /(\d+) pending/),
  });
}
