import { literal } from '../../../lib/text/literal.ts';
/*
 * Functions of the repository's own by which its tests assert: `same(add(2, 3), 5)` from `lib/testing/assert.js`. What they ask
 * is not known, but one that asserts tells some pair of calls apart: it lets `("a", "a")` pass and fails for `("a", "b")`, or takes
 * `true` and not `false`. A function of the product seldom does, and then it does so on the base commit as well, where it is
 * asked first.
 */

/** A call that a file's own helper is asked with. */
export interface Helper {
  /** As it stands in the file: `same`, `check.same`. */
  callee: string;
  /** Arguments of calls in the file with another value in place of the last, none of which can be true as well. */
  untrue: string[];
}

/** Something that a file imports. */
export interface Called {
  module: string;
  /** The function of it that the file calls as an assertion; `null`: it calls none so. */
  asserts: string | null;
}

/** Names, and places of modules, that say of a function that it judges. */
const JUDGES =
  /assert|expect|should|equal|same|match|verif|check|ensure|must|throw|reject|fail|compare|want|^eq|(?:^|_)is(?:[A-Z_]|$)|[a-z]Is$|^ok$|^deep/i;
const FOR_TESTS =
  /assert|expect|should|check|verif|match|test|spec|support|helper|util|harness|(?:^|[/_.])qa\b/i;

/** Most helpers of one file that are tried. */
const MOST = 6;
const VALUE = /^(?:-?\d+(?:\.\d+)?|"[^"\\]*"|'[^'\\]*'|true|false|null|True|False|None)$/;

/**
 * @param code of a test file
 * @param imported names of the file that may come from the repository itself, with their modules; an empty one says nothing
 *   Calls with an object in the first place name what they are given, so that nothing can be given in its stead.
 * @param statement what stands before a call whose result nobody takes, for languages to say
 */
export function helpersIn(
  code: string,
  imported: readonly { local: string; module: string }[],
  statement: string,
): Helper[] {
  const found = new Map<string, Helper>();
  for (const { local, module } of imported) {
    const name = literal(local);
    for (const [, callee = '', args = ''] of code.matchAll(
      new RegExp(`${statement}(${name}(?:\\.\\w+)?)(?:<[^()\\n]*>)?\\((?!\\s*\\{)(?:([^()\\n]*)\\))?`, 'gm'),
    )) {
      const last = callee.slice(callee.lastIndexOf('.') + 1);
      if (!JUDGES.test(last) && !FOR_TESTS.test(module)) continue;
      const helper = found.get(callee) ?? { callee, untrue: [] };
      const values = args.split(',').map((each) => each.trim());
      if (values.every((each) => VALUE.test(each)) && helper.untrue.length < 3)
        helper.untrue.push([...values.slice(0, -1), '"untrue"'].join(', '));
      found.set(callee, helper);
    }
  }
  return [...found.values()].slice(0, MOST);
}

/** Arguments with which an assertion passes, and such with which it then must fail. */
const PAIRS_JAVASCRIPT =
  '[["a", "a"], ["a", "b"]], [[1, 1], [1, 2]], [["a", "b"], ["a", "a"]], [[true], [false]], [[false], [true]], ' +
  '[[() => { throw new Error("a"); }], [() => {}]]';

/** Statements that throw where the helper judges, with `await` where the function around them may wait. */
export function askedJavascript({ callee, untrue }: Helper, wait: boolean): string {
  const call = (args: string) =>
    wait
      ? `await Promise.race([${callee}(${args}), new Promise((end) => { setTimeout(end, 1000); })])`
      : `${callee}(${args})`;
  return [
    `for (const [good, bad] of [${PAIRS_JAVASCRIPT}]) { try { ${call('...good')}; } catch { continue; } ${call('...bad')}; }`,
    ...untrue.map((args) => `${call(args)};`),
  ].join(' ');
}

const PAIRS_PYTHON =
  '(("a", "a"), ("a", "b")), ((1, 1), (1, 2)), (("a", "b"), ("a", "a")), ((True,), (False,)), ((False,), (True,))';

/** The same in lines that are set in by `indent`. */
export function askedPython({ callee, untrue }: Helper, indent: string): string[] {
  return [
    `for good, bad in [${PAIRS_PYTHON}]:`,
    '    try:',
    `        ${callee}(*good)`,
    '    except Exception:',
    '        continue',
    `    ${callee}(*bad)`,
    ...untrue.map((args) => `${callee}(${args})`),
  ].map((line) => `${indent}${line}`);
}
