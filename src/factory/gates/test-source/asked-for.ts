import type { PythonBlock } from '../ecosystems/python-source.ts';

/*
 * Helpers and fixtures that may leave out a test: whether only tests that ask for them are left out, which none of before does where
 * their file is new. Hooks of a whole run reach all others.
 */

interface Suite {
  start: number;
  end: number;
}

const SUITE = /(?<![\w$])[xf]?(?:describe|suite|context)(?:\.\w+)*\s*(?:\([^()]*\)\s*)?\(/g;

/** What stands in the brackets of each suite of JavaScript, outer ones first. */
export function suitesIn(code: string): Suite[] {
  const heads = new Set([...code.matchAll(SUITE)].map(({ index, 0: head }) => index + head.length - 1));
  if (heads.size === 0) return [];
  const suites: Suite[] = [];
  const open: (Suite | null)[] = [];
  for (let at = 0; at < code.length; at += 1) {
    const sign = code[at] ?? '';
    if ('([{'.includes(sign)) {
      const suite = heads.has(at) ? { start: at + 1, end: code.length } : null;
      if (suite !== null) suites.push(suite);
      open.push(suite);
    } else if (')]}'.includes(sign)) {
      const suite = open.pop() ?? null;
      if (suite !== null) suite.end = at;
    }
  }
  return suites;
}

/** Outside of suites Mocha's hooks are those of all files; Playwright's (`test.beforeEach`) are not. */
const HOOK =
  /(?<![\w$]|\btest\.)(?:(?:before|after)(?:Each|All)?|setup|suiteSetup|teardown|suiteTeardown)\s*\((?!\s*\))|\bmochaHooks\b/g;

/** For a mark that stands in no test and no suite. */
export function isAskedInJavaScript(code: string, suites: readonly Suite[]): boolean {
  return [...code.matchAll(HOOK)].every(({ index }) =>
    suites.some(({ start, end }) => start <= index && index < end),
  );
}

/** @param outer the outermost block that the mark stands in */
export function isAskedInPython(
  code: string,
  at: number,
  outer: PythonBlock | undefined,
  hasTests: boolean,
): boolean {
  // A mark with a name of its own, for tests to wear: `needs_redis = pytest.mark.skipif(...)`.
  if (outer === undefined) return /^(?!pytestmark\b)\w+[ \t]*=[ \t]*$/m.test(lineUntil(code, at));
  return !outer.name.startsWith('pytest_') && (hasTests || !/\bautouse\s*=/.test(code));
}

const lineUntil = (code: string, at: number): string => code.slice(code.lastIndexOf('\n', at - 1) + 1, at);

/** Methods of a type that lies elsewhere may be called by its suite. */
export function isAskedInGo(code: string, at: number): boolean {
  const head = [...code.slice(0, at).matchAll(/^func\s+(?:\(\s*(?:\w+\s+)?\*?(\w+)[^)]*\)\s*)?(\w+)/gm)].at(
    -1,
  );
  if (head === undefined) return true;
  const [, receiver, name] = head;
  if (receiver !== undefined) return new RegExp(`^type\\s+${receiver}\\s+struct\\b`, 'm').test(code);
  return name !== 'TestMain' && name !== 'init';
}
