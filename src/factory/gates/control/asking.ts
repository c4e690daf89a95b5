import { compared, declaredOn, mentionOf, NEAR, statementsOf } from './asking-names.ts';

/*
 * Code that looks who is asking has that from somewhere (a stack, the program's own name, the modules that are loaded) and compares it
 * with a word of tests, often some lines further on and under another name. Loggers inspect stacks, and commands read their arguments:
 * only both halves, joined by a name, are a question.
 */

interface Asking {
  /** What tells who runs the code. */
  source: string;
  /** What texts hold that it is compared with. */
  word: string;
  /** On one line a question whatever stands between. */
  together?: RegExp;
  /** Names that it gets on a line. Default: what is declared there, and on lines that mention such names. */
  names?: RegExp;
}

const WORD =
  '(?:(?<![A-Za-z])(?:[tT]ests?|TESTS?)|(?<=[a-z])Tests?|(?<![a-z])(?:specs?|mocha|jest|vitest|jasmine|pytest|unittest|phpunit|rspec|minitest|junit|surefire))(?![a-z])|JUnit|PHPUnit';

const REST = '[^"\'`\\n]*(?<![a-z])(?:tests?|specs?|mocha|jest|vitest|pytest|unittest)(?![a-z])';

/** A word of tests in a text or a pattern. */
const TESTED = `["'\`/]${REST}`;

/** The same but for options, which a program's user gives it. */
const NO_OPTION = `["'\`/](?!-)${REST}`;

/** What runners and files of tests alone are called, where any argument may be meant: `test` is a command of many programs. */
const RUNNER =
  '["\'`/](?!-)[^"\'`\\n]*(?:(?<![a-z])(?:mocha|jest|vitest|pytest|unittest)(?![a-z])|[._]\\]?(?:test|spec)[\\\\[]*\\.)';

/** Arguments as one text, or parts of them: the program's own name is among these. */
const PARTS_OF_ARGUMENTS =
  '(?:join|toString|some|every|find\\w*|filter|map|flatMap)\\((?![^\\n]*[!=]==?\\s*["\'`])';

const JAVASCRIPT: readonly Asking[] = [
  {
    source: '\\.stack\\b|\\{[^}\\n]*\\bstack\\b[^}\\n]*\\}\\s*=|\\bgetCallSites?\\(|\\bprepareStackTrace\\b',
    word: WORD,
    together: new RegExp(`\\.stack\\b[^\\n]*${TESTED}`, 'i'),
  },
  {
    source:
      '\\bexecArgv\\b|\\bprocess\\.(?:argv0|title|argv(?:\\[[01]\\]|\\.at\\([01]\\)))|\\b(?:require\\.main|process\\.mainModule)\\b',
    word: WORD,
    together: new RegExp(
      [
        `\\bprocess\\.(?:argv0\\b|execArgv\\b|argv(?:\\[[01]\\]|\\.at\\([01]\\)))[^\\n]*${TESTED}`,
        `\\bprocess\\.argv\\.${PARTS_OF_ARGUMENTS}[^\\n]*${NO_OPTION}`,
        `\\bprocess\\.argv\\b(?!\\[|\\.(?:at|slice)\\([2-9])[^\\n]*${RUNNER}`,
      ].join('|'),
      'i',
    ),
  },
  // What stands behind the program's name is for its user to say.
  {
    source: '\\[\\s*\\w*\\s*,\\s*\\w+[^\\]\\n]*\\]\\s*=\\s*process\\.argv\\b(?!\\.)',
    word: WORD,
    names: /\[\s*(\w*)\s*,\s*(\w+)/,
  },
  { source: '=\\s*process\\.argv\\s*;?\\s*$', word: '[._](?:test|spec)\\.' },
];
const PYTHON: readonly Asking[] = [
  {
    source:
      '\\b(?:_getframe|currentframe|(?:extract|format|walk)_stack|getouterframes)\\b|\\binspect\\.(?:stack|trace)\\b|(?<![\\w.])stack\\(\\)\\s*\\[',
    word: WORD,
    together: new RegExp(
      `(?:_getframe|inspect\\.stack|currentframe|extract_stack|co_filename|co_name|f_globals)\\b[^\\n]*${TESTED}`,
      'i',
    ),
  },
  {
    source: '\\bsys\\.argv\\[0\\]|\\bsys\\.orig_argv\\b|\\b__main__\\.__file__\\b',
    word: WORD,
    together: new RegExp(
      `\\bsys\\.(?:argv\\[0\\b|orig_argv\\b)[^\\n]*${TESTED}|\\bsys\\.argv\\b(?!\\[)[^\\n]*${RUNNER}`,
      'i',
    ),
  },
  { source: '\\bsys\\.modules\\b', word: '(?<![a-z])_?(?:pytest|unittest|nose2?|doctest)(?![a-z])' },
];
const RUST: readonly Asking[] = [
  {
    source:
      '\\bcurrent_exe\\(\\)|\\benv::args(?:_os)?\\(\\)\\.(?:next\\(|nth\\(0\\))|\\bthread::current\\(\\)',
    // The folder of programs that are built for tests.
    word: `${WORD}|\\bdeps\\b`,
    together: /\bthread::current\(\)[^\n]*test/i,
  },
];
const GO: readonly Asking[] = [
  {
    source:
      '\\bos\\.(?:Executable\\(\\)|Args\\[0\\])|\\bruntime\\.(?:Callers?|CallersFrames|FuncForPC)\\(|\\bdebug\\.Stack\\(',
    word: WORD,
    together: /\bos\.Args\b[^\n]*"[^"\n]*\.test\b/,
  },
];
const JVM: readonly Asking[] = [
  {
    source: '\\bgetStackTrace\\(\\)|\\.stackTrace\\b|\\bStackWalker\\b',
    word: WORD,
    together: /\bgetStackTrace\(\)[^\n]*[tT]est/,
  },
];
const RUBY: readonly Asking[] = [
  { source: '\\$(?:PROGRAM_NAME|0)(?!\\w)|(?<![.\\w@:])caller(?:_locations)?\\b', word: WORD },
];
const PHP: readonly Asking[] = [
  { source: '\\bdebug_backtrace\\(|\\bgetTrace(?:AsString)?\\(|\\bargv["\']?\\]?\\[0\\]', word: WORD },
];

const BY_EXTENSION: readonly [RegExp, readonly Asking[]][] = [
  [/\.(?:[cm]?[jt]sx?|vue|svelte)$/, JAVASCRIPT],
  [/\.pyi?$/, PYTHON],
  [/\.rs$/, RUST],
  [/\.go$/, GO],
  [/\.(?:java|kt|scala|groovy)$/, JVM],
  [/\.rb$/, RUBY],
  [/\.php$/, PHP],
];

/** By what a question was found, and where it is asked. */
type Asked = [string, string[]];

/** @param lines of a file, without comments */
export function askedIn(path: string, lines: readonly string[]): Asked[] {
  const [, rules = []] = BY_EXTENSION.find(([extension]) => extension.test(path)) ?? [];
  const statements = statementsOf(lines);
  const found = rules.map((rule): Asked => [rule.source, comparisons(rule, statements)]);
  return rules === JAVASCRIPT
    ? [...found, ['mode', comparedModes(statements)], ['globals', probes(lines)]]
    : found;
}

/** Most names that are followed. */
const MOST_NAMES = 30;

function comparisons(
  { source, word, together, names: pattern }: Asking,
  statements: readonly string[],
): string[] {
  const isSource = new RegExp(source);
  if (!statements.some((line) => isSource.test(line) || together?.test(line))) return [];
  const compares = compared(`(?:${source})`, word);
  const names: { name: string; until: number; isOn: RegExp; compares: RegExp }[] = [];
  const namesOn = (line: string, at: number) =>
    names.filter(({ name, until, isOn }) => at <= until && line.includes(lastOf(name)) && isOn.test(line));
  return statements.filter((line, at) => {
    if (isSource.test(line) || (pattern === undefined && namesOn(line, at).length > 0))
      for (const { name, lines } of declaredOn(line, pattern)) {
        const mention = mentionOf(name);
        if (names.length < MOST_NAMES)
          names.push({
            name,
            until: at + lines,
            isOn: new RegExp(mention),
            compares: compared(mention, word),
          });
      }
    if (together?.test(line) || compares.test(line)) return true;
    return namesOn(line, at).some((each) => each.compares.test(line));
  });
}

const lastOf = (name: string): string => name.replace(/^.*(?:\.|->)/, '');

/** Whose answers the mode of tests changes alone are servers, logs and settings: `listen`, `silent`, a database of its own. */
const SETTINGS =
  '(?:log|silent|level|verbose|port\\b|[dD]atabase|DATABASE|db\\b|url\\b|URL\\b|[cC]onfig|[sS]ettings|\\.env\\b)';
const HAS_MODE = /NODE_ENV|\.MODE\b/;
const MODE =
  /(?<![\w$.])([\w$.]+)\s*(?::[^=]{1,60})?=(?![=>])[^=;]{0,60}\b(?:NODE_ENV|import\.meta\.env\??\.MODE)\b["'`\]]*!?(?:\??\.\w+\(\))?\s*(?:(?:\?\?|\|\|)[^;=]*)?[;,]?\s*$/;
const DIRECT =
  /\b(?:NODE_ENV|import\.meta\.env\??\.MODE)\b["'`\]]*\s*(?:===?\s*["'`]test["'`]|!==?\s*["'`]test["'`]\s*(?:\?(?!\.)|\)\s*\{?\s*return\b))(?![^\n]*(?:log|silent|level|verbose|port\b|database|db\b|url\b))/;
const RENAMED = /\{[^}\n]*\bNODE_ENV\s*:\s*([\w$]+)[^}\n]*\}\s*=/;

/** Where a mode (`NODE_ENV`), by another name, in a `switch`, or by its own, is compared with `test`. */
function comparedModes(statements: readonly string[]): string[] {
  const names = new Map<string, RegExp>();
  return statements.flatMap((line, at) => {
    const [, name] = HAS_MODE.test(line) ? (MODE.exec(line) ?? RENAMED.exec(line) ?? []) : [];
    if (name !== undefined && names.size < MOST_NAMES) names.set(name, comparesMode(mentionOf(name)));
    const [, subject = ''] = /\bswitch\s*\(\s*([^{}]*?)\s*\)\s*\{/.exec(line) ?? [];
    const isMode = /\b(?:NODE_ENV|import\.meta\.env\??\.MODE)\b["'`\]]*$/.test(subject) || names.has(subject);
    const compares =
      DIRECT.test(line) ||
      [...names].some(([each, pattern]) => line.includes(lastOf(each)) && pattern.test(line));
    return [...(compares ? [line] : []), ...(isMode ? casesOfTest(statements.slice(at, at + 2 * NEAR)) : [])];
  });
}

function comparesMode(mention: string): RegExp {
  const test = '["\'`]test["\'`]';
  const otherwise = '(?:\\?(?!\\.)|\\)\\s*\\{?\\s*return\\b)';
  return new RegExp(
    `(?:${mention}\\s*(?:===?\\s*${test}|!==?\\s*${test}\\s*${otherwise})|${test}\\s*===?\\s*${mention})(?![^\\n]*${SETTINGS})`,
  );
}

/** Of a `switch` the case of tests, unless it shares what it does with another, or only settings differ. */
function casesOfTest([head = '', ...lines]: readonly string[]): string[] {
  const indent = /^\s*/.exec(head)?.[0] ?? '';
  const [, first = ''] = /\bswitch\b[^{]*\{(.*)$/.exec(head) ?? [];
  const end = first.includes('}') ? 0 : lines.findIndex((line) => line.startsWith(`${indent}}`));
  const body = [first, ...(end < 0 ? lines : lines.slice(0, end))];
  return body.flatMap((line, at) => {
    if (!/^\s*case\s*["'`]test["'`]\s*:/.test(line) || /^\s*case\b[^\n]*:\s*$/.test(body[at - 1] ?? ''))
      return [];
    const rest = body.slice(at + 1, at + 4);
    const next = rest.findIndex((each) => /^\s*(?:case\b|default\b)/.test(each));
    const own = [
      line.replace(/^\s*case\s*["'`]test["'`]\s*:/, ''),
      ...(next < 0 ? rest : rest.slice(0, next)),
    ].join('\n');
    return own.trim() === '' || new RegExp(SETTINGS).test(own) ? [] : [line];
  });
}

const GLOBAL = 'describe|it|test|expect|suite|jest|vi|vitest|mocha|jasmine|(?:before|after)(?:Each|All)';

const PROBED = new RegExp(`\\btypeof\\s+(${GLOBAL})\\s*[!=]==?\\s*["'\`](?:function|undefined|object)`);
const OF_GLOBALS = new RegExp(
  `["'\`](?:${GLOBAL})["'\`]\\s+in\\s+(?:globalThis|global|window|self)\\b|` +
    `(?<![\\w$.])(?:globalThis|global)\\??(?:\\.|\\[["'])(?:${GLOBAL}|__vitest_\\w+)\\b(?!["'\\]]*\\s*=(?!=))`,
);

/** Where it is asked whether functions of a runner are there, which the file does not have from elsewhere. */
function probes(lines: readonly string[]): string[] {
  const text = lines.join('\n');
  const isOwn = (name: string) =>
    new RegExp(
      `\\b(?:const|let|var|function|class|as|import)\\s+${name}\\b|[({[,]\\s*(?:\\.\\.\\.)?${name}\\s*[,)}\\]:=?]|(?<![\\w$.])${name}\\s*=>`,
    ).test(text);
  return lines.filter((line) => {
    const [, name] = PROBED.exec(line) ?? [];
    return (name !== undefined && !isOwn(name)) || OF_GLOBALS.test(line);
  });
}
