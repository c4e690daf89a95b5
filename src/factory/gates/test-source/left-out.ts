import type { PythonBlock } from '../ecosystems/python-source.ts';
import { isAskedInGo, isAskedInJavaScript, isAskedInPython, suitesIn } from './asked-for.ts';
import { bodyAt } from './brackets.ts';

/* Marks by which tests are left out of a run, and which tests each of them leaves out. */

export type Language = 'js' | 'python' | 'rust' | 'go';

export interface Place {
  start: number;
  end: number;
}

export interface Titled extends Place {
  title: string;
}

/** A mark, and the titles of the tests that it leaves out; `null` where that is not plain, or where it leaves out others as well. */
export interface Mark {
  at: number;
  /** Empty: those that ask for what it stands in, in whatever file. */
  titles: string[] | null;
}

const SKIPS: Readonly<Record<Language, RegExp>> = {
  js: /(?<![\w$])(?:(?:it|test|describe|suite|context|specify|this|t)\.(?:\w+\.)*(?:skip|todo|only|skipIf|runIf)\b|(?:xit|xtest|xdescribe|xcontext|xspecify|fit|fdescribe|ftest)\s*\(|(?:skip|only|todo)\s*:\s*(?!false)\S|process\.exit\s*\()/g,
  python:
    /@?(?:pytest\.)?mark\.(?:skip|skipif|xfail)\b|\bpytest\.(?:skip|xfail|exit)\s*\(|@(?:unittest\.)?(?:skip|skipIf|skipUnless|expectedFailure)\b|\bself\.skipTest\s*\(|\bcollect_ignore|__test__\s*=\s*False|\b(?:sys\.|os\._)exit\s*\(/g,
  rust: /#\[(?:ignore\b|cfg\((?!test\)))|\bprocess::exit\s*\(/g,
  go: /\b\w+\.Skip(?:Now|f)?\s*\(|^\/\/\s*(?:go:build|\+build)\b|\bos\.Exit\s*\(|^func\s+TestMain\b/gm,
};

/** `only` and an exit leave out others as well. */
const OTHERS = /only|exit|collect_ignore|__test__|\bf(?:it|test|describe)/i;

/** Another name for a way to declare tests that may leave them out: `const onUnix = isWindows ? it.skip : it`. */
const ALIAS =
  /\b(?:const|let|var)\s+(\w+)\s*=\s*(?:(?:(?!\b(?:const|let|var)\b)[^;]){0,300}?\?\s*)?(it|test|specify|describe|suite|context)(\.skip)?(?:\s*:\s*(?:it|test|specify|describe|suite|context)(\.skip)?)?\s*(?:;|\n|$)/g;

/** What is looked for marks in. */
interface Source {
  code: string;
  language: Language;
  tests: readonly Titled[];
  blocks: readonly PythonBlock[];
  suites: readonly Place[];
}

interface Alias extends Place {
  name: string;
  suite: boolean;
}

function aliasesIn(code: string): Alias[] {
  return [...code.matchAll(ALIAS)]
    .filter(([, , , one, two]) => one !== undefined || two !== undefined)
    .map((found) => ({
      name: found[1] ?? '',
      suite: /^(?:describe|suite|context)$/.test(found[2] ?? ''),
      start: found.index,
      end: found.index + found[0].length,
    }));
}

/** Names besides the usual ones by which a file declares tests. */
export function testAliases(code: string): string[] {
  return aliasesIn(code).flatMap(({ name, suite }) => (suite ? [] : [name]));
}

/**
 * @param code without comments and strings, but for Go, whose build constraints are comments
 * @param blocks of Python
 */
export function marksIn(
  code: string,
  language: Language,
  tests: readonly Titled[],
  blocks: readonly PythonBlock[],
): Mark[] {
  const aliases = language === 'js' ? aliasesIn(code) : [];
  const suites = language === 'js' ? suitesIn(code) : [];
  const source = { code, language, tests, blocks, suites };
  const found = [...code.matchAll(SKIPS[language])];
  const isOption = language === 'js' ? optionsIn(code, found, aliases) : () => true;
  const marks = found
    .filter(({ index }) => isOption(index))
    .filter(({ index }) => !aliases.some(({ start, end }) => start <= index && index < end))
    .filter((mark) => !leavesNone(source, mark))
    .map(({ index, 0: mark }): Mark => {
      if (OTHERS.test(mark) || mark.startsWith('func')) return { at: index, titles: null };
      // A build constraint stands before all that the file holds.
      if (mark.startsWith('//')) return { at: index, titles: tests.map(({ title }) => title) };
      return { at: index, titles: leftBy(source, { start: index, end: index + mark.length }) };
    })
    // A file of Go without tests has none that its constraint could leave out.
    .filter(({ at, titles }) => titles?.length !== 0 || language !== 'go' || code[at] !== '/')
    .filter(({ at, titles }) => (titles?.length ?? 0) > 0 || language !== 'rust' || mayHide(code, at, tests));
  return [...marks, ...aliases.flatMap((alias) => callsOf(code, alias, tests))];
}

/** How a program ends itself, which takes tests out of a run only where it is the one that runs them. */
const EXIT = /^(?:process(?:\.|::)exit|sys\.exit|os\._exit|os\.Exit)\b/;

export const isExit = (code: string, { at }: Mark): boolean => EXIT.test(code.slice(at, at + 20));

/** The last line of a file of Python that is started as a program: it ends as the tests did. */
const ENDS_AS_RUN = /^\s*(?:unittest|pytest)\.main\((?:[^()]|\([^()]*\))*\)\s*$/;

/** What of Python fails the test that it stands in, or ends a run as its tests did, and what in a test of Rust stands before a part of it. */
function leavesNone({ code, language, tests }: Source, { index, 0: mark }: RegExpExecArray): boolean {
  if (language === 'rust') {
    if (!mark.startsWith('#[cfg') || !isInBody(code, tests, index, /\bfn\s+\w+[^{]*\{/)) return false;
    return !/\breturn\b/.test(behindCondition(code, index));
  }
  if (language !== 'python' || !mark.startsWith('sys')) return false;
  if (isInBody(code, tests, index, /\bdef\s+\w+[^\n]*\n/)) return true;
  const from = index + mark.length;
  const [outer = ''] =
    code
      .slice(0, index)
      .match(/^\S.*$/gm)
      ?.slice(-1) ?? [];
  return /^if __name__ ==/.test(outer) && ENDS_AS_RUN.test(bodyAt(code, from));
}

function isInBody(code: string, tests: readonly Titled[], at: number, head: RegExp): boolean {
  return tests.some(({ start, end }) => start <= at && at < end && head.test(code.slice(start, at)));
}

/** The block or statement that a condition of Rust stands before. */
function behindCondition(code: string, at: number): string {
  const from = at + (CONDITION.exec(code.slice(at, at + LONGEST_HEAD))?.[0].length ?? 0);
  return code[from] === '{' ? bodyAt(code, from + 1) : (/^[^;]*/.exec(code.slice(from))?.[0] ?? '');
}

const CONDITION = /^#\[cfg\([^\]]*\]\s*(?:#\[[^\]]*\]\s*)*/;

/** Whether a condition of Rust stands before what may hold tests; others stand before imports, constants and helpers. */
function mayHide(code: string, at: number, tests: readonly Titled[]): boolean {
  const head = CONDITION.exec(code.slice(at, at + LONGEST_HEAD))?.[0];
  if (head === undefined) return true;
  const from = at + head.length;
  const item = /^[^;{]*[;{]?/.exec(code.slice(from, from + LONGEST_HEAD))?.[0] ?? '';
  if (/^(?:pub(?:\([^)]*\))?\s+)?mod\s+\w+\s*;/.test(item) || /^[\w:]+!/.test(item)) return true;
  const start = from + item.length;
  const end = item.endsWith('{') ? start + bodyAt(code, start).length : start;
  return tests.some((test) => from <= test.start && test.start < end);
}

const KEY = /^\w+\s*:/;
/** What stands before an object that gets a name. */
const NAMED = /\b(?:const|let|var)\s+([\w$]+)\s*(?::[^=;]{1,200})?=\s*$/;

/**
 * Tells of the marks that are keys (`skip: …`) whether they stand in the options of a test or suite, or in an object by whose name these
 * are given. In any other object it is a value as others are: `{ skip: 10, take: 5 }`.
 */
function optionsIn(
  code: string,
  marks: readonly RegExpExecArray[],
  aliases: readonly Alias[],
): (at: number) => boolean {
  const keys = new Set(marks.filter(([mark]) => KEY.test(mark)).map(({ index }) => index));
  if (keys.size === 0) return () => true;
  const names = ['[xf]?(?:it|test|describe|suite|context|specify)', ...aliases.map(({ name }) => name)];
  const call = `(?<![\\w$])(?:[\\w$]+\\.)*(?:${names.join('|')})(?:\\.\\w+)*(?:\\s*\\([^()]*\\)|"[^"]*")?\\s*`;
  const declares = new RegExp(`${call}$`);
  const byName = new RegExp(`${call}\\(\\s*(?:[^(),;{}]*,\\s*)?(?:\\{\\s*\\.{3})?([\\w$]+)\\s*[,}]`, 'g');
  const given = new Set([...code.matchAll(byName)].map(([, name = '']) => name));
  const before = (at: number) => code.slice(Math.max(0, at - LONGEST_HEAD), at);
  const open: number[] = [];
  const others = new Set<number>();
  for (let at = 0; at < code.length; at += 1) {
    const sign = code[at] ?? '';
    if ('([{'.includes(sign)) open.push(at);
    else if (')]}'.includes(sign)) open.pop();
    if (!keys.has(at)) continue;
    const [inner = -1, outer = -1] = [open.at(-1), open.at(-2)];
    const isObject = code[inner] === '{';
    const name = isObject ? NAMED.exec(before(inner))?.[1] : undefined;
    const isArgument = isObject && code[outer] === '(' && declares.test(before(outer));
    if (name === undefined ? !isArgument : !given.has(name)) others.add(at);
  }
  return (at) => !others.has(at);
}

/** Each call is a mark: an older test that takes the name is one more that is left out. */
function callsOf(code: string, { name, suite }: Alias, tests: readonly Titled[]): Mark[] {
  const calls = [...code.matchAll(new RegExp(`(?<![\\w.$])${name}\\s*\\(`, 'g'))];
  return calls.map(({ index, 0: call }) => {
    const from = index + call.length;
    const place = suite
      ? { start: from, end: from + bodyAt(code, from).length }
      : { start: index, end: index + 1 };
    const titles = tests.filter(({ start }) => place.start <= start && start < place.end);
    return { at: index, titles: titles.map(({ title }) => title) };
  });
}

function leftBy(source: Source, mark: Place): string[] | null {
  const { code, language, tests, blocks, suites } = source;
  const within = ({ start, end }: Place) => start <= mark.start && mark.start < end;
  // The innermost of tests within tests.
  const own = tests.findLast(within);
  if (own !== undefined) return [own.title];
  const around = blocks.filter(within);
  const span =
    language === 'python'
      ? pythonSpan(source, around)
      : (spanOf(code, language, mark) ?? suites.findLast(within));
  if (span)
    return tests.filter(({ start }) => span.start <= start && start < span.end).map(({ title }) => title);
  return isAsked(source, mark.start, around) ? [] : null;
}

/** Whether it stands in what leaves out those tests alone that ask for it. */
function isAsked(
  { code, language, tests, suites }: Source,
  at: number,
  around: readonly PythonBlock[],
): boolean {
  if (language === 'js') return isAskedInJavaScript(code, suites);
  if (language === 'python') return isAskedInPython(code, at, around[0], tests.length > 0);
  return language === 'go' && isAskedInGo(code, at);
}

/** A class, or the whole file of tests for what stands in no block. */
function pythonSpan({ code, tests }: Source, [outer]: readonly PythonBlock[]): Place | null {
  if (outer === undefined) return tests.length > 0 ? { start: 0, end: code.length } : null;
  return outer.kind === 'class' ? outer : null;
}

/** What stands in the brackets behind a mark before a suite or module. */
function spanOf(code: string, language: Language, { start, end }: Place): Place | null {
  const mark = code.slice(start, end);
  const rest = code.slice(end, end + LONGEST_HEAD);
  if (language !== 'rust' && !/^x?(?:describe|suite|context)/.test(mark)) return null;
  const head =
    language === 'rust'
      ? /^[^\]]*\]\s*(?:#\[[^\]]*\]\s*)*(?:pub(?:\([^)]*\))?\s+)?mod\s+\w+\s*\{/.exec(rest)
      : mark.endsWith('(')
        ? /^/.exec(rest)
        : /^(?:\s*:\s*[\w.$]+)?(?:\s*\)|\s*\((?:[^()]|\([^()]*\))*\)(?=\s*\())?\s*\(/.exec(rest);
  if (head === null) return null;
  const from = end + head[0].length;
  return { start: from, end: from + bodyAt(code, from).length };
}

/** Characters between a mark and the bracket that it is about. */
const LONGEST_HEAD = 500;
