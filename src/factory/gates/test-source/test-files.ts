import { logicalPython, pythonBlocks, pythonTests } from '../ecosystems/python-source.ts';
import { LITERALS, withoutComments, withoutStrings } from './blanked.ts';
import { bodyAt } from './brackets.ts';
import { asksByItself, checkingHelpers, checksSomething, isRunExample } from './checks-something.ts';
import { plainRuns } from './go-main.ts';
import { behindHead, isCondition } from './javascript-heads.ts';
import { isExit, type Language, marksIn, type Place, type Titled, testAliases } from './left-out.ts';

/**
 * What can be told of a test file from its text alone: how many tests it declares, how many it leaves out, and which of
 * them check nothing. Only a reading; it never runs anything.
 */

export interface TestFile {
  /** Titles or names of the tests, in order. A computed title stands as an empty text. */
  titles: string[];
  /** Marks that keep tests from running: `skip`, `only`, `ignore`, an early exit. */
  skips: number;
  /** So many of them end a process. Missing: none. */
  exits?: number;
  /**
   * For each mark that leaves out no others the titles of its tests; of one in a helper or fixture none, for any test may ask for that.
   * Missing: none, or not known.
   */
  left?: string[][];
  /** Titles of the tests that have no body or check only what is true anyway. */
  hollow: string[];
}

const EXTENSIONS: Readonly<Record<string, Language>> = {
  ...Object.fromEntries(
    ['js', 'mjs', 'cjs', 'jsx', 'ts', 'mts', 'cts', 'tsx'].map((name) => [name, 'js' as const]),
  ),
  py: 'python',
  rs: 'rust',
  go: 'go',
};

const languageOf = (path: string): Language | undefined => EXTENSIONS[/\.(\w+)$/.exec(path)?.[1] ?? ''];

/** Shell scripts that a gate starts by such names are its tools, unless they lie in a folder of tests (`toolsIn`). */
const CODE = '(?!(?:ba|z)?sh$|ps1$|bat$)\\w+';
/** A specification is written in these, and no test. */
const WRITTEN = '(?:ya?ml|json|toml|proto|graphql|md|rst|adoc|txt|html|pdf)$';
const NAME = new RegExp(
  [
    `[^/]*[.-](?:test|e2e|spec(?!\\.${WRITTEN}))\\.\\w+`,
    `[^/]*(?:_(?:test|unittest|spec(?!\\.(?:go|rs|java|kt|cs|swift|${WRITTEN})))|[._-](?:tests|specs))\\.${CODE}`,
    `test[_-][^/]*\\.${CODE}`,
    'tests?\\.(?:[mc]?[jt]sx?|py|rs|rb|go|php|c|cc|cpp|cxx|h|hpp|m|mm)',
    '[^/]*(?:Tests?|Spec|IT)\\.(?:java|kt|scala|groovy|cs|swift|php)',
    '[^/]*\\.(?:t|bats|feature)',
    // What a test expects, kept beside it.
    '[^/]*\\.(?:snap|golden|(?:approved|verified)\\.\\w+)',
    'expected(?:[._-][\\w-]+)*\\.(?:json|ya?ml|txt|csv|xml|html)',
  ]
    .map((name) => `(?:^|/)${name}$`)
    .join('|'),
);
const FOLDER = new RegExp(
  [
    '__(?:tests|fixtures|mocks|snapshots)__',
    'tests?',
    'x?t',
    'specs?',
    'e2e',
    'fixtures',
    'mocks',
    'golden(?:s|[-_]files)?',
    'test[-_]?(?:data|files|fixtures|helpers|support|utils|cases)',
    '(?:unit|integration)[-_]?tests?',
    // Projects of .NET.
    '[\\w.-]+\\.(?:unit|integration)?tests?',
    'features/step_definitions',
  ]
    .map((name) => `(?:^|/)${name}/`)
    .join('|'),
  'i',
);
/** Where names begin with a capital, these are names of the product as well (`src/Symfony/Component/Messenger/Test/`), but at the top. */
const NAMESPACE = /(?<=\/)(?:T|XT|Test|Specs?|Golden)(?=\/)|^(?:T|XT)(?=\/)|^Test(?=\/.*\.l?hs$)/g;
/** Steps of Cucumber and Behave; among the sources of a product, and as parts of pages, they are a feature of its own. */
const STEPS =
  /^(?!(?:.*\/)?(?:src|lib|apps?|packages|pages|components)\/(?:.*\/)?features\/)(?:.*\/)?features\/(?:steps|support)\/(?!.*\.(?:[jt]sx|vue|svelte|s?css)$)/;

/** Folders of fixtures and helpers, in which the product may find what is new. */
const SHARED =
  /(^|\/)(__fixtures__|fixtures|mocks|test[-_]?(data|files|fixtures|helpers|support|utils|cases))\//i;

const ALONE = /(^|\/)(__(tests|mocks)__|([\w.-]+\.(unit|integration)?)?tests?|specs?|e2e)\//i;

/** Named by what builds the whole, which fails where it is missing; which sources it has is told by what lies there. */
const PROJECT = /\.(?:cs|fs|vb)proj$/;

/** Whether a new file there can be taken away without taking anything from the product. */
export function isTestsAlone(path: string): boolean {
  return (
    isTestPath(path) && !PROJECT.test(path) && (!SHARED.test(path) || ALONE.test(path.replace(NAMESPACE, '')))
  );
}

/** What runners write themselves where it is missing. */
export const SNAPSHOT = /\.snap$|(?:^|\/)(?:tap-snapshots|__snapshots__)\//;

/** Where the builds of Java and its like look for the product alone. */
const MAIN = /(?:^|\/)src\/main\/(?:java|kotlin|scala|groovy|resources)\//;

/** By its name, or by the folder it lies in; helpers and fixtures there belong to the tests, too. */
export function isTestPath(path: string): boolean {
  return (
    !MAIN.test(path) && (NAME.test(path) || FOLDER.test(path.replace(NAMESPACE, '')) || STEPS.test(path))
  );
}

/** Whether it is written in a language whose tests can be told from their text. */
export function mayHoldTests(path: string): boolean {
  return languageOf(path) !== undefined;
}

/** A test within a test is declared by the outer one's argument (`t.test('adds', …)`); a regular expression is given one string alone. */
const DECLARED: Readonly<Record<Exclude<Language, 'python'>, RegExp>> = {
  js: /(?<![\w.$])(?:it|test|specify)(?=\s*(?:\(|\.(?:skip|only|todo|concurrent|sequential|failing|fails|skipIf|runIf|each|for)\b))|(?<![\w.$])\w+\.test(?:\.(?:skip|only|todo)\b)?\s*\((?=\s*"[^"]*"\s*,)|\((?:[^(){};]|\([^(){};]*\)){1,300}\?\s*(?:it|test|specify)(?:\.skip)?\s*:\s*(?:it|test|specify)(?:\.skip)?\s*\)\s*\(/g,
  rust: /(?:#\[(?!cfg\(test\))[^\]]*\]\s*){0,20}?#\[(?:\w+::)*(?:test|rstest|test_case)\b[^\]]*\](?:\s*#\[[^\]]*\])*\s*(?:pub\s+)?(?:async\s+)?fn\s+(\w+)/g,
  go: /^func\s+((?:Test|Fuzz|Example)\w*)\s*\(/gm,
};

/**
 * @param parts where tests stand in a file of the product: what leaves them out is looked for there and in tests alone
 * @returns `null` for a file in which no tests can be recognised
 */
export function readTestFile(path: string, text: string, parts?: readonly Place[]): TestFile | null {
  const language = languageOf(path);
  if (language === undefined) return null;
  const within = (one: Place) => (part: Place) => part.start <= one.start && one.end <= part.end;
  // All tests of a product in Python stand in its parts: what else is called so is none.
  const tests = declaredIn(text, language).filter(
    (test) => language !== 'python' || (parts?.some(within(test)) ?? true),
  );
  const places = parts && [...parts, ...tests.filter((test) => !parts.some(within(test)))];
  const code = language === 'go' ? text : codeOf(text, language);
  const runs = language === 'go' ? plainRuns(codeOf(text, 'go')) : [];
  const marks = marksIn(code, language, tests, language === 'python' ? pythonBlocks(text) : [])
    .filter(({ at }) => places?.some(({ start, end }) => start <= at && at < end) ?? true)
    .filter(({ at }) => !runs.some(({ start, end }) => start <= at && at < end));
  const helpers = language === 'js' ? checkingHelpers(code) : [];
  const exits = marks.filter((mark) => isExit(code, mark)).length;
  const left = marks.flatMap(({ titles }) => (titles === null ? [] : [titles]));
  return {
    titles: tests.map(({ title }) => title),
    skips: marks.length,
    ...(exits === 0 ? {} : { exits }),
    ...(left.length === 0 ? {} : { left }),
    hollow: tests
      .filter(({ body }) => !checksSomething(body, language, code, helpers))
      .filter(({ title, start, end }) => !asksByItself(title, code.slice(start, end), language))
      .map(({ title }) => title),
  };
}

/** Where the tests of a text stand. */
export function testPlaces(path: string, text: string): Titled[] {
  const language = languageOf(path);
  return language === undefined ? [] : declaredIn(text, language);
}

/** A source that is started by another name than its own, once it is compiled. */
export const isCompiled = (path: string): boolean => /\.(?:c|cc|cpp|cxx|m|mm|java|kt|cs)$/.test(path);

/** The same length without comments and what stands in strings. Other languages than those of tests stay as they are. */
export function blankedCode(path: string, text: string): string {
  const language = languageOf(path);
  return language === undefined ? text : codeOf(text, language);
}

/** Each test's own text by its title; those of one title together. */
export function testTexts(path: string, text: string): Map<string, string> {
  const texts = new Map<string, string>();
  for (const { title, start, end } of testPlaces(path, text))
    texts.set(title, [texts.get(title) ?? [], text.slice(start, end)].flat().join('\n'));
  return texts;
}

/** Whether a file that no name or folder says it of is one of tests: it declares some, and gives nothing to other files. */
export function declaresTests(path: string, text: string): boolean {
  if (languageOf(path) !== 'js') return false;
  const code = codeOf(text, 'js');
  if (/^\s*export\b|\bmodule\.exports\b|^\s*exports\./m.test(code)) return false;
  return /\b(?:assert|expect|should)\b/.test(code) && declaredIn(text, 'js').length > 0;
}

interface Declared {
  title: string;
  start: number;
  end: number;
  /** Without comments, and without what stands in strings. */
  body: string;
}

function declaredIn(text: string, language: Language): Declared[] {
  if (language === 'python')
    return pythonTests(pythonBlocks(text)).map(({ name, start, end, body }) => ({
      title: name,
      start,
      end,
      body,
    }));
  const readable = withoutComments(text, LITERALS[language]);
  const code = withoutStrings(readable, LITERALS[language]);
  const tests: Declared[] = [];
  for (const found of code.matchAll(declarations(code, language))) {
    if (language === 'go' && found[1] === 'TestMain') continue;
    const head = found.index + found[0].length;
    const end = language === 'js' && !found[0].endsWith('(') ? behindHead(code, head) : head;
    if (end === null) continue;
    const from = language === 'js' ? end : code.indexOf('{', end) + 1;
    const body = bodyAt(code, from);
    if (language === 'js' && isCondition(code.slice(head, end), body)) continue;
    const place = { start: found.index, end: Math.min(text.length, from + body.length + 1) };
    if (
      language === 'go' &&
      found[1]?.startsWith('Example') &&
      !isRunExample(text.slice(place.start, place.end))
    )
      continue;
    tests.push({ title: found[1] ?? titleAt(readable, end), ...place, body });
  }
  return tests;
}

function declarations(code: string, language: Exclude<Language, 'python'>): RegExp {
  const aliases = language === 'js' ? testAliases(code) : [];
  if (aliases.length === 0) return DECLARED[language];
  return new RegExp(`${DECLARED.js.source}|(?<![\\w.$])(?:${aliases.join('|')})\\s*\\(`, 'g');
}

function codeOf(text: string, language: Language): string {
  if (language === 'python') return logicalPython(text);
  return withoutStrings(withoutComments(text, LITERALS[language]), LITERALS[language]);
}

function titleAt(code: string, at: number): string {
  return /^\s*(["'`])((?:\\.|(?!\1).)*)\1/.exec(code.slice(at, at + 500))?.[2] ?? '';
}
