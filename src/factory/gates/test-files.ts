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

const DECLARED: Readonly<Record<Language, RegExp>> = {
  js: /(?<![\w.$])(?:it|test|specify)(?:\.(?:skip|only|todo|concurrent|sequential|failing|fails|skipIf|runIf)\b)*(?:\.each)?\s*(?:\([^()]*\)\s*)?\(/g,
  python: /^[ \t]*(?:async[ \t]+)?def[ \t]+(test\w*)[ \t]*\(/gm,
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
  const readable = withoutComments(text, language);
  const code = withoutStrings(readable, language);
  const titles: string[] = [];
  const hollow: string[] = [];
  for (const found of code.matchAll(DECLARED[language])) {
    if (language === 'go' && found[1] === 'TestMain') continue;
    const end = found.index + found[0].length;
    const title = found[1] ?? titleAt(readable, end);
    titles.push(title);
    const body =
      language === 'python'
        ? indented(code, found.index)
        : bodyAt(code, language === 'js' ? end : code.indexOf('{', end) + 1);
    if (checksNothing(body, language)) hollow.push(title);
  }
  const marks = language === 'go' ? text : code;
  return { titles, skips: [...marks.matchAll(SKIPS[language])].length, hollow };
}

function titleAt(code: string, at: number): string {
  return /^\s*(["'`])((?:\\.|(?!\1).)*)\1/.exec(code.slice(at, at + 500))?.[2] ?? '';
}

const PYTHON_STRINGS = /"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g;
const STRINGS = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g;
const stringsOf = (language: Language): RegExp => (language === 'python' ? PYTHON_STRINGS : STRINGS);

/** Blanks comments, at the same length; a `//` in a string is no comment. */
function withoutComments(text: string, language: Language): string {
  const comment = language === 'python' ? /#[^\n]*/ : /\/\/[^\n]*|\/\*[\s\S]*?\*\//;
  const pattern = new RegExp(`(${stringsOf(language).source})|${comment.source}`, 'g');
  return text.replace(pattern, (all, string?: string) => string ?? all.replace(/[^\n]/g, ' '));
}

/** Blanks what stands in strings, at the same length: a test that is only text is none. */
function withoutStrings(text: string, language: Language): string {
  return text.replace(stringsOf(language), (all) => `"${all.slice(1, -1).replace(/[^\n]/g, '_')}"`);
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

/** The lines below a `def` that are indented further. */
function indented(code: string, at: number): string {
  const [head = '', ...lines] = code.slice(at).split('\n');
  const depth = /^[ \t]*/.exec(head)?.[0].length ?? 0;
  const end = lines.findIndex(
    (line) => line.trim() !== '' && (/^[ \t]*/.exec(line)?.[0].length ?? 0) <= depth,
  );
  const inline = /:\s*(\S.*)$/.exec(head)?.[1] ?? '';
  return [inline, ...(end < 0 ? lines : lines.slice(0, end))].join('\n');
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
