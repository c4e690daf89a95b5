import type { PythonBlock } from '../ecosystems/python-source.ts';

/* Marks by which tests are left out of a run, and which tests each of them leaves out. */

export type Language = 'js' | 'python' | 'rust' | 'go';

export interface Place {
  start: number;
  end: number;
}

export interface Titled extends Place {
  title: string;
}

/** A mark, and the titles of the tests that it leaves out; empty where that is not plain, or where it leaves out others as well. */
export interface Mark {
  at: number;
  titles: string[];
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
  const marks = [...code.matchAll(SKIPS[language])]
    .filter(({ index }) => !aliases.some(({ start, end }) => start <= index && index < end))
    .map(({ index, 0: mark }): Mark => {
      if (OTHERS.test(mark) || language === 'go') return { at: index, titles: [] };
      return {
        at: index,
        titles: leftBy(code, language, { start: index, end: index + mark.length }, tests, blocks),
      };
    });
  return [...marks, ...aliases.flatMap((alias) => callsOf(code, alias, tests))];
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

function leftBy(
  code: string,
  language: Language,
  mark: Place,
  tests: readonly Titled[],
  blocks: readonly PythonBlock[],
): string[] {
  const within = ({ start, end }: Place) => start <= mark.start && mark.start < end;
  // The innermost of tests within tests.
  const own = tests.findLast(within);
  if (own !== undefined) return [own.title];
  const span = language === 'python' ? pythonSpan(code, blocks.filter(within)) : spanOf(code, language, mark);
  if (span === null) return [];
  return tests.filter(({ start }) => span.start <= start && start < span.end).map(({ title }) => title);
}

/** A class, or the whole file for what stands in no block; what a function that is no test leaves out is not known. */
function pythonSpan(code: string, around: readonly PythonBlock[]): Place | null {
  const [outer] = around;
  if (outer === undefined) return { start: 0, end: code.length };
  return outer.kind === 'class' ? outer : null;
}

/** What stands in the brackets behind a mark before a suite or module. */
function spanOf(code: string, language: Language, { start, end }: Place): Place | null {
  const mark = code.slice(start, end);
  const rest = code.slice(end, end + LONGEST_HEAD);
  if (language === 'js' && !/^x?(?:describe|suite|context)/.test(mark)) return null;
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

/** From behind an opening bracket to its partner. */
export function bodyAt(code: string, start: number): string {
  const blank = code.slice(start, start + 50_000);
  let depth = 1;
  for (let at = 0; at < blank.length; at += 1) {
    const sign = blank[at] ?? '';
    if ('([{'.includes(sign)) depth += 1;
    else if (')]}'.includes(sign) && --depth === 0) return blank.slice(0, at);
  }
  return blank;
}
