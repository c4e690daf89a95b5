import { literal } from '../../../lib/text/literal.ts';
import { type Imported, javascriptImports, JAVASCRIPT_NAME as NAME } from '../ecosystems/node/imports.ts';
import { MATCHERS, METHODS, variants } from './assertions.ts';
import { askedJavascript, type Called, type Helper, helpersIn } from './helpers.ts';
import type { Control } from './types.ts';

/** How tests are declared in a file: the function's name, and what its function is given. */
interface Style {
  name: string;
  /** Parameter by which the runner asserts; empty where assertions come from elsewhere. */
  parameter: string;
  /** Said at the end of the test's function, and behind it. */
  last: string;
  after: string;
}

const ASSERTS = /^(?:node:)?assert(?:\/strict)?$|^uvu\/assert$|^chai$|^power-assert$|^@std\/assert$/;
const RUNNERS = /^(?:vitest|@jest\/globals|bun:test|mocha|jasmine|ava|tape|tap|uvu|sinon|nock|fast-check)$/;
const PLAIN_RUNNERS = /^(?:node:test|vitest|@jest\/globals|bun:test|mocha|jasmine)$/;
/** Assertions of a test's context. */
const OF_CONTEXT = /(?<![\w.$])(?:t|ctx|context)\.assert\.(\w+)\(/;
/** Modules of the repository itself, by their place or an alias. */
const OWN = /^(?:\.{1,2}(?:\/|$)|#|[@~$]\/|~|\$lib)/;
/** Before a call that stands alone, or is all that a test does. */
const STATEMENT =
  '(?:^[ \\t]*|[;{}][ \\t]*|["\'`]\\s*,\\s*(?:async\\s*)?(?:\\([^()]*\\)|\\w+)\\s*=>\\s*\\{?\\s*)(?:await\\s+)?';
/** Most assertions of one file that are tried. */
const MOST = 16;

function styleOf(code: string, imports: readonly Imported[]): Style | null {
  const style = (name: string, rest: Partial<Style> = {}): Style => ({
    name,
    parameter: '',
    last: '',
    after: '',
    ...rest,
  });
  for (const { local, name, module } of imports) {
    if (PLAIN_RUNNERS.test(module)) {
      const rest = module === 'node:test' && OF_CONTEXT.test(code) ? { parameter: 't' } : {};
      if (/^(?:test|it|specify)$/.test(name)) return style(local, rest);
      if (name === 'default' && module === 'node:test') return style(local, rest);
    }
    if (module === 'ava') return style(local, { parameter: 't' });
    if (module === 'tape')
      return style(name === 'default' ? local : `${local}`, { parameter: 't', last: 't.end();' });
    if (module === 'tap' && (name === 'default' || name === 't'))
      return style(`${local}.test`, { parameter: 't', last: 't.end();' });
    if (module === 'tap' && name === 'test') return style(local, { parameter: 't', last: 't.end();' });
    if (module === 'uvu' && name === 'test') return style(local, { after: `${local}.run();` });
    if (module === 'uvu' && name === 'suite') {
      const suite = new RegExp(`^(?:const|let|var)\\s+(${NAME})\\s*=\\s*${local}\\(`, 'm').exec(code)?.[1];
      if (suite !== undefined) return style(suite, { after: `${suite}.run();` });
    }
  }
  if (imports.some(({ module }) => PLAIN_RUNNERS.test(module))) return null;
  const global = /(?<![\w.$])(it|test|specify)(?:\.\w+)*\(\s*["'`]/.exec(code)?.[1];
  return global === undefined ? null : style(global);
}

/** Calls that must fail, one for each assertion that the file uses. */
function failingCalls(code: string, imports: readonly Imported[], parameter: string): string[] {
  const calls = new Set<string>();
  for (const { local, name } of imports.filter(({ module }) => ASSERTS.test(module))) {
    if (name === 'expect') continue;
    if (name !== 'default' && name !== 'assert' && name !== 'strict') {
      const failing = METHODS.get(name);
      if (failing !== undefined) calls.add(`${local}${failing}`);
      continue;
    }
    if (new RegExp(`(?<![\\w.$])${literal(local)}\\(`).test(code)) calls.add(`${local}(false)`);
    for (const [, method = ''] of code.matchAll(
      new RegExp(`(?<![\\w.$])${literal(local)}\\.(\\w+)\\(`, 'g'),
    )) {
      const failing = METHODS.get(method);
      if (failing !== undefined) calls.add(`${local}.${method}${failing}`);
    }
  }
  for (const { local, name, module } of imports)
    if (name === 'isDeepStrictEqual' && /^(?:node:)?util$/.test(module))
      calls.add(`if (!${local}("a", "b")) throw new Error("a")`);
  if (/(?<![\w.$])expect\(/.test(code)) {
    for (const [matcher, call] of MATCHERS) {
      const pattern = new RegExp(`\\.${literal(matcher)}\\b`);
      if (pattern.test(code)) calls.add(call.replace('$', () => matcher));
    }
  }
  if (parameter !== '') {
    for (const [, method = ''] of code.matchAll(/(?<![\w.$])t\.(\w+)\(/g)) {
      const failing = METHODS.get(method);
      if (failing !== undefined) calls.add(`${parameter}.${method}${failing}`);
    }
    for (const [, method = ''] of code.matchAll(new RegExp(OF_CONTEXT, 'g'))) {
      const failing = METHODS.get(method);
      if (failing !== undefined) calls.add(`${parameter}.assert.${method}${failing}`);
    }
  }
  return variants([...calls]).slice(0, MOST);
}

/** Names by which a file has what the repository itself holds. */
export function ownInJavascript(text: string): string[] {
  return javascriptImports(text).flatMap(({ local, module }) => (OWN.test(module) ? [local] : []));
}

/** Of packages, which may be the workspace's, only a function's own name says that it judges. */
function helpersOf(code: string, imports: readonly Imported[]) {
  const others = imports.filter(
    ({ local, module }) =>
      local !== 'expect' && !/^node:/.test(module) && !ASSERTS.test(module) && !RUNNERS.test(module),
  );
  const named = others.map(({ local, module }) => ({ local, module: OWN.test(module) ? module : '' }));
  return helpersIn(code, named, STATEMENT);
}

/** What a file imports, and as what it asserts by that. */
export function calledInJavascript(text: string): Called[] {
  const imports = javascriptImports(text);
  const callees = helpersOf(text, imports).map(({ callee }) => callee);
  return imports.map(({ local, name, module }) => {
    const callee = callees.find((each) => each === local || each.startsWith(`${local}.`));
    const member = callee?.slice(local.length + 1) ?? '';
    return { module, asserts: callee === undefined ? null : member === '' ? name : member };
  });
}

/** @param named the file is a program that a command starts, so that without a runner it is a list of assertions */
export function controlledJavascript(text: string, mark: string, named: boolean): Control | null {
  const imports = javascriptImports(text);
  const style = styleOf(text, imports);
  if (style === null) return named ? plain(text, imports, mark) : null;
  const calls = failingCalls(text, imports, style.parameter);
  if (calls.length === 0) calls.push('throw new Error("a")');
  const titles = calls.map((_call, at) => `test_${mark}_${at + 1}`);
  const tests = calls.map((call, at) => {
    const [async, wait] = call.includes('Promise.') ? ['async ', 'await '] : ['', ''];
    return `${style.name}("${titles[at]}", ${async}(${style.parameter}) => { ${wait}${call}; ${style.last} });`;
  });
  const own = helpersOf(text, imports);
  const helpers = own.map(({ callee }, at) => ({ title: `test_${mark}_own${at + 1}_`, callee }));
  const asked = own.map(
    (helper, at) =>
      `${style.name}("${helpers[at]?.title}", async (${style.parameter}) => { ${askedJavascript(helper, true)} ${style.last} });`,
  );
  const lines = ['/* eslint-disable */', ...tests, ...asked, style.after].filter((line) => line !== '');
  return { text: `${text.trimEnd()}\n${lines.join('\n')}\n`, titles, helpers, sure: true };
}

/**
 * A script without a runner: behind its last assertion all that it uses must throw, and then so does the script. Before that
 * assertion it may end itself, and behind it often does. One that ends by `process.exit(1)` must be able to do so.
 */
function plain(text: string, imports: readonly Imported[], mark: string): Control {
  // A promise that is refused throws nothing here.
  const calls = failingCalls(text, imports, '').filter((call) => !call.includes('Promise.'));
  const own = helpersOf(text, imports);
  const asks = askedFirst(own, mark);
  const fail = `throw new Error("${mark}");`;
  const ends = /\bprocess\.exit\(\s*(?!0?\s*\))/.test(text) ? 'process.exit(97);' : null;
  const control = plainControl(calls, ends, /\bprocess\.exitCode\s*=/.test(text), fail);
  const lines = text.trimEnd().split('\n');
  const heads = [...new Set(calls.map((call) => literal(/^[\w$.]+/.exec(call)?.[0] ?? call)))];
  const asserts =
    heads.length === 0 ? null : new RegExp(`^\\s*(?:await\\s+)?(?:${heads.join('|')})\\(.*\\);?\\s*$`);
  const last = asserts === null ? -1 : lines.findLastIndex((line) => asserts.test(line) && isBalanced(line));
  const exits = /^process\.exit\((.*)\);?\s*$/.exec(lines.at(-1) ?? '');
  if (last < 0 && exits) lines.splice(-1, 1, `;(${exits[1] || 'undefined'});`, control);
  else lines.splice(last < 0 ? lines.length : last + 1, 0, control);
  const before = lines.slice(0, lines.indexOf(control));
  const isTop = last < 0 || /^\S/.test(lines[last] ?? '');
  return {
    text: `${behindImports(lines.join('\n'), asks)}\n`,
    ...(ends === null ? {} : { first: `${behindImports(text.trimEnd(), ends)}\n` }),
    titles: [],
    helpers: own.map(({ callee }, at) => ({ title: `test_${mark}_own${at + 1}_`, callee })),
    sure: isTop && !/\bexit\b/.test(before.join('\n')),
  };
}

function plainControl(
  calls: readonly string[],
  ends: string | null,
  setsCode: boolean,
  fail: string,
): string {
  const tried = calls.map((call) => `() => { ${call}; }`).join(', ');
  if (calls.length > 0)
    return `;{ let failed = 0; for (const each of [${tried}]) { try { each(); } catch { failed += 1; } } if (failed === ${calls.length}) ${fail} }`;
  if (ends !== null) return `;${ends}`;
  return setsCode ? ';process.exitCode = 97;' : fail;
}

/** Says which of a script's own helpers judge, by throwing or by ending the process. */
function askedFirst(own: readonly Helper[], mark: string): string {
  if (own.length === 0) return '';
  const title = (at: number) => JSON.stringify(`test_${mark}_own${at + 1}_`);
  const each = own.map(
    (helper, at) =>
      `at = ${title(at)}; try { ${askedJavascript(helper, false)} } catch { console.error(at); }`,
  );
  return `;{ let at = ""; process.on("exit", () => { console.error(at); }); console.error("test_${mark}_asked"); ${each.join(' ')} at = ""; }`;
}

const IMPORT =
  /^(?:import\b[^;'"]*["'][^"'\n]+["'][^\n]*|(?:const|let|var)\s+[^=;()]{1,2000}=\s*require\([^\n]*)$/gm;

function behindImports(text: string, line: string): string {
  if (line === '') return text;
  const last = [...text.matchAll(IMPORT)].at(-1);
  if (last === undefined)
    return text.startsWith('#!') ? text.replace('\n', `\n${line}\n`) : `${line}\n${text}`;
  const end = last.index + last[0].length;
  return `${text.slice(0, end)}\n${line}${text.slice(end)}`;
}

function isBalanced(line: string): boolean {
  const code = line.replace(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`/g, '""');
  const count = (sign: string) => code.split(sign).length;
  return count('(') === count(')') && count('{') === count('}') && count('[') === count(']');
}
