import { countOf, nesting, noTests, type TestRun, testRun } from './test-run.ts';

/** `# adds`, by which tape and others head the checks that follow. Sums and times are no headings. */
const HEADING = /^# (?!tests?\b|pass|fail|skip|todo|ok\b|time=|suites|cancelled|duration|subtest|\{)(.+)$/i;

/** TAP, as `node --test` writes it when nobody watches, and as tap, tape, ava, QUnit, bats and Perl do. */
export function readTap(text: string): TestRun | null {
  if (!/^TAP version 1[34]|^(not )?ok \d+ - /m.test(text)) {
    if (!/^1\.\.\d+$/m.test(text) || !/^(not )?ok \d+\b/m.test(text)) return null;
  }
  const tests = noTests();
  const levels = nesting();
  const nested = /^ *# Subtest: /m.test(text);
  let heading = '';
  for (const line of text.split('\n')) {
    const opened = /^( *)# Subtest: (.*)$/.exec(line);
    if (opened) levels.open(opened[1]?.length ?? 0, opened[2]?.trim() ?? '');
    if (!nested) heading = HEADING.exec(line)?.[1]?.trim() ?? heading;
    const closed = /^( *)(not ok|ok) (\d+)(?: -)?(.*?)(?: # (SKIP|TODO)\b.*)?$/i.exec(line);
    if (!closed) continue;
    const [, indent = '', verdict, number = '', rest = '', directive] = closed;
    const name =
      rest
        .replace(/ # time=.*$| in \d+ms$/, '')
        .replaceAll(' › ', ' > ')
        .trim() || number;
    const whole = levels.close(indent.length, heading === '' ? name : `${heading} > ${name}`);
    if (whole === null) continue;
    tests[directive === undefined ? (verdict === 'ok' ? 'passed' : 'failed') : 'skipped'].push(whole);
  }
  const passed = /^# pass +\d+$/m.test(text) ? countOf(text, /^# pass +(\d+)$/gm) : undefined;
  return testRun('tap', tests, {}, toldFailed(text), passed);
}

/** Where sums are given, both have to say so: some count what is to do, and lines that code under test prints look like checks. */
function toldFailed(text: string): number {
  const lines = text.match(/^not ok\b.*$/gm) ?? [];
  const failed = lines.filter((line) => !/ # (?:SKIP|TODO)\b/i.test(line)).length;
  const sums = /^# pass +\d+\n(?:# (?:skip|skipped|todo|cancelled) +\d+\n)*(?:# fail +(\d+)$)?/gm;
  return new RegExp(sums).test(text) ? Math.min(failed, countOf(text, sums)) : failed;
}
