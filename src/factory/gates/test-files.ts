import { logicalPython, pythonBlocks, pythonTests } from './python.ts';

/**
 * What can be told of a test file from its text alone: how many tests it declares, how many it leaves out, and which of
 * them check nothing. Only a reading; it never runs anything.
 */

export interface TestFile {
  /** Titles or names of the tests, in order. A computed title stands as an empty text. */
  titles: string[];
  /** Marks that keep tests from running: `skip`, `only`, `ignore`, an early exit. */
  skips: number;
  /** Titles of the tests that have no body or check only what is true anyway. */
  hollow: string[];
}

type Language = 'js' | 'python' | 'rust' | 'go';

const EXTENSIONS: Readonly<Record<string, Language>> = {
  js: 'js',
  mjs: 'js',
  cjs: 'js',
  jsx: 'js',
  ts: 'js',
  mts: 'js',
  cts: 'js',
  tsx: 'js',
  py: 'python',
  rs: 'rust',
  go: 'go',
};

const languageOf = (path: string): Language | undefined => EXTENSIONS[/\.(\w+)$/.exec(path)?.[1] ?? ''];

const NAME =
  /(^|\/)(test_[^/]*\.py|[^/]*_test\.(py|go)|[^/]*[.-](test|spec|e2e)\.\w+|tests?\.(m|c)?[jt]sx?)$/;
const FOLDER = /(^|\/)(__tests__|tests?|specs?|e2e)\//;

/** By its name, or by the folder it lies in; helpers and fixtures there belong to the tests, too. */
export function isTestPath(path: string): boolean {
  return NAME.test(path) || FOLDER.test(path) || /(^|\/)__snapshots__\//.test(path);
}

/** Whether tests may stand in it: a test's path, or any Rust source, which holds its own tests. */
export function mayHoldTests(path: string): boolean {
  return (isTestPath(path) || path.endsWith('.rs')) && languageOf(path) !== undefined;
}

const DECLARED: Readonly<Record<Exclude<Language, 'python'>, RegExp>> = {
  js: /(?<![\w.$])(?:it|test|specify)(?:\.(?:skip|only|todo|concurrent|sequential|failing|fails|skipIf|runIf)\b)*(?:\.each)?\s*(?:\([^()]*\)\s*)?\(/g,
  rust: /#\[(?:\w+::)*(?:test|rstest|test_case)\b[^\]]*\](?:\s*#\[[^\]]*\])*\s*(?:pub\s+)?(?:async\s+)?fn\s+(\w+)/g,
  go: /^func\s+((?:Test|Fuzz|Example)\w*)\s*\(/gm,
};

const SKIPS: Readonly<Record<Language, RegExp>> = {
  js: /(?<![\w$])(?:(?:it|test|describe|suite|context|specify|this|t)\.(?:\w+\.)*(?:skip|todo|only|skipIf|runIf)\b|(?:xit|xtest|xdescribe|xcontext|xspecify|fit|fdescribe|ftest)\s*\(|(?:skip|only|todo)\s*:\s*(?!false)\S|process\.exit\s*\()/g,
  python:
    /@?(?:pytest\.)?mark\.(?:skip|skipif|xfail)\b|\bpytest\.(?:skip|xfail|exit)\s*\(|@(?:unittest\.)?(?:skip|skipIf|skipUnless|expectedFailure)\b|\bself\.skipTest\s*\(|\bcollect_ignore|__test__\s*=\s*False|\b(?:sys\.|os\._)exit\s*\(/g,
  rust: /#\[(?:ignore\b|cfg\((?!test\)))|\bprocess::exit\s*\(/g,
  go: /\b\w+\.Skip(?:Now|f)?\s*\(|^\/\/\s*(?:go:build|\+build)\b|\bos\.Exit\s*\(|^func\s+TestMain\b/gm,
};

/** @returns `null` for a file in which no tests can be recognised */
export function readTestFile(path: string, text: string): TestFile | null {
  const language = languageOf(path);
  if (language === undefined) return null;
  if (language === 'python') return readPython(text);
  const literals = language === 'js' ? `${STRINGS.source}|${REGEX.source}` : STRINGS.source;
  const readable = withoutComments(text, literals);
  const code = withoutStrings(readable, literals);
  const titles: string[] = [];
  const hollow: string[] = [];
  for (const found of code.matchAll(DECLARED[language])) {
    if (language === 'go' && found[1] === 'TestMain') continue;
    const end = found.index + found[0].length;
    const title = found[1] ?? titleAt(readable, end);
    titles.push(title);
    const body = bodyAt(code, language === 'js' ? end : code.indexOf('{', end) + 1);
    if (checksNothing(body, language)) hollow.push(title);
  }
  const marks = language === 'go' ? text : code;
  return { titles, skips: [...marks.matchAll(SKIPS[language])].length, hollow };
}

function readPython(text: string): TestFile {
  const tests = pythonTests(pythonBlocks(text));
  return {
    titles: tests.map(({ name }) => name),
    skips: [...logicalPython(text).matchAll(SKIPS.python)].length,
    hollow: tests.filter(({ body }) => pythonChecksNothing(body)).map(({ name }) => name),
  };
}

function titleAt(code: string, at: number): string {
  return /^\s*(["'`])((?:\\.|(?!\1).)*)\1/.exec(code.slice(at, at + 500))?.[2] ?? '';
}

const STRINGS = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/;
/** A slash after one of these begins a regular expression of JavaScript. */
const REGEX =
  /(?<=(?:^|[(,=:[!&|?{};])[ \t]*|\breturn[ \t]+)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/;
const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?\*\//;

/** Blanks comments, at the same length; a `//` in a string is no comment. */
function withoutComments(text: string, literals: string): string {
  const pattern = new RegExp(`(${literals})|${COMMENT.source}`, 'gm');
  return text.replace(pattern, (all, string?: string) => string ?? all.replace(/[^\n]/g, ' '));
}

/** Blanks what stands in strings, at the same length: a test that is only text is none. */
function withoutStrings(text: string, literals: string): string {
  return text.replace(new RegExp(literals, 'gm'), (all) => `"${all.slice(1, -1).replace(/[^\n]/g, '_')}"`);
}

/** From behind an opening bracket to its partner. */
function bodyAt(code: string, start: number): string {
  const blank = code.slice(start, start + 50_000);
  let depth = 1;
  for (let at = 0; at < blank.length; at += 1) {
    const sign = blank[at] ?? '';
    if ('([{'.includes(sign)) depth += 1;
    else if (')]}'.includes(sign) && --depth === 0) return blank.slice(0, at);
  }
  return blank;
}

/** Names by which anything is checked, helpers of the project included as far as names tell. */
const CHECKS =
  /assert|expect|should|throw|reject|raise|equal|match|verify|check|ensure|fail|must|panic|unwrap|snapshot|approx|\b(?:t|b|is|ok|require)\.\w+\s*\(|\?;/i;
/** Assertions on literals alone. */
const TRIVIAL =
  /\b(?:assert|expect|ok|t\.(?:is|ok|true|pass))(?:[.!]\w*)*\s*\(?\s*(?:(?:true|True|1|"_*"|\d+)\s*(?:(?:,|==)\s*(?:true|True|\d+|"_*")\s*)*)\)?(?:\s*\.\s*(?:not\.)?\w+\(\s*(?:true|\d+|"_*")?\s*\))?/g;

function checksNothing(body: string, language: Language): boolean {
  const code = language === 'js' ? body.replace(/^\s*"[^"]*"\s*,?/, '') : body;
  // A test without a function is one that is only planned.
  if (language === 'js' && !/=>|function|\w/.test(code)) return true;
  return !CHECKS.test(code.replace(TRIVIAL, ''));
}

/** Calls that check nothing by themselves, whatever they are given. */
const IDLE_CALLS =
  /\b(?:print|len|str|int|float|bool|list|dict|set|tuple|range|repr|type|sorted|sleep|time\.sleep)\s*\(/g;

/** Only what is plain: a call may lead to a helper that checks, or fail by itself, so with one nothing is said. */
function pythonChecksNothing(body: string): boolean {
  const code = body.replace(TRIVIAL, '');
  return !CHECKS.test(code) && !/[\w\])]\s*\(/.test(code.replace(IDLE_CALLS, ''));
}
