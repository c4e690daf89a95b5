import { literal } from '../../../lib/text/literal.ts';
import { pythonTokens } from '../pins/python-tokens.ts';
import { isTestPath } from '../test-source/test-files.ts';

/*
 * Tests that ask for the same under other names: a function of the product was renamed, or is exported in another way. All
 * that differs is how they import it, and its name wherever it stands.
 */

/** A text without its imports. */
interface Code {
  imports: Import[];
  tokens: string[];
}

interface Import {
  module: string;
  /** The whole of it, without layout. */
  text: string;
  names: string[];
  /** All of the module under one name. */
  whole: boolean;
}

/** What asserts, or looks as if it did, is never a name that may be replaced. */
const JUDGES =
  /assert|expect|should|equal|same|match|verif|check|ensure|must|throw|raise|reject|fail|compare|skip|only|todo|mock|patch|^(?:ok|not|is|it|test|describe|deep|eq)$/i;
const FOR_TESTS = /test|spec|assert|helper|support|fixture|mock|stub|expect|should|chai|sinon|conftest/i;
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;
const TOKEN = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[\s\S]|[^`\\])*`|[A-Za-z_$][\w$]*|[\d.]+\w*|\S/g;

const tokensOf = (code: string): string[] => [...(code.match(TOKEN) ?? [])];

/**
 * The names of the product that a test file no longer has, where it differs from its older form in such names alone; `default`
 * for all of a module.
 *
 * @param isGone whether the product has a module no more, which the test may then import under another name
 * @returns `null` where something else differs, or where that is not plain
 */
export function namesGone(
  path: string,
  old: string,
  now: string,
  isGone: (module: string) => boolean = () => false,
): string[] | null {
  const read = path.endsWith('.py') ? ofPython : /\.[cm]?[jt]sx?$/.test(path) ? ofJavascript : null;
  const [before, after] = read === null ? [null, null] : [read(old), read(now)];
  if (before === null || after === null || before.tokens.length !== after.tokens.length) return null;
  const names = namesOf(path, before.imports, after.imports, isGone);
  const gone = names === null ? null : renamedIn(before.tokens, after.tokens, names);
  if (gone === null) return null;
  const isLess =
    after.imports.filter(({ whole }) => whole).length < before.imports.filter(({ whole }) => whole).length;
  return isLess ? [...gone, 'default'] : gone;
}

/** Whether code of the product still has one of these names: then nothing was renamed. */
export function hasAny(code: string, names: readonly string[]): boolean {
  return names.some((name) =>
    name === 'default'
      ? /\bexport\s+default\b|\bas\s+default\b|\bexports\s*=/.test(code)
      : tokensOf(bareOf(code)).includes(name),
  );
}

/** What the product's modules are imported by, before and after; `null` where the modules differ, or more than the product's do. */
function namesOf(
  path: string,
  before: readonly Import[],
  after: readonly Import[],
  isGone: (module: string) => boolean,
) {
  const [old, fresh] = [missingIn(after, before), missingIn(before, after)];
  if (old.length !== fresh.length || !old.every((module) => isProduct(path, module) && isGone(module)))
    return null;
  const texts = new Set(before.map(({ text }) => text));
  const changed = after.filter(({ text }) => !texts.has(text));
  if (changed.some(({ module }) => !isProduct(path, module))) return null;
  const own = (all: readonly Import[]) =>
    new Set(all.filter(({ module }) => isProduct(path, module)).flatMap(({ names }) => names));
  return { old: own(before), now: own(after) };
}

/** Modules of `all` that `others` do not import. */
function missingIn(others: readonly Import[], all: readonly Import[]): string[] {
  const left = others.map(({ module }) => module);
  return all.flatMap(({ module }) => {
    const at = left.indexOf(module);
    if (at >= 0) left.splice(at, 1);
    return at >= 0 ? [] : [module];
  });
}

function isProduct(path: string, module: string): boolean {
  if (FOR_TESTS.test(module)) return false;
  if (path.endsWith('.py'))
    return !/^(?:typing|__future__|os|sys|contextlib|functools|warnings)\b/.test(module);
  if (!/^\.{1,2}(?:\/|$)/.test(module)) return false;
  const parts = path.split('/').slice(0, -1);
  for (const part of module.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return !isTestPath(parts.join('/'));
}

/** Names by whose replacement one list of tokens becomes the other: the product's, each for one and by none that was there before. */
function renamedIn(
  before: readonly string[],
  after: readonly string[],
  names: { old: ReadonlySet<string>; now: ReadonlySet<string> },
): string[] | null {
  const there = new Set(before);
  const renamed = new Map<string, string>();
  const declared: [string, string][] = [];
  for (const [at, one] of before.entries()) {
    const two = after[at] ?? '';
    if (one !== two && isDeclared(before, at) && isDeclared(after, at)) {
      declared.push([one, two]);
      continue;
    }
    const known = renamed.get(one);
    if (one === two && known === undefined) continue;
    if (!IDENTIFIER.test(one)) {
      if (!/^["'`]/.test(one)) return null;
      continue;
    }
    const isMember = before[at - 1] === '.' && names.old.has(before[at - 2] ?? '');
    const isOwn = isMember || (names.old.has(one) && names.now.has(two));
    if (known === two) continue;
    if (known !== undefined || !isOwn || !IDENTIFIER.test(two)) return null;
    if (there.has(two) || JUDGES.test(one)) return null;
    renamed.set(one, two);
  }
  if (new Set(renamed.values()).size < renamed.size) return null;
  if (declared.some(([one, two]) => two !== inNameOfTest(one, renamed))) return null;
  const inText = (text: string) => text.replace(/[A-Za-z_$][\w$]*/g, (word) => renamed.get(word) ?? word);
  const isSame = (one: string, at: number) =>
    !/^["'`]/.test(one) || one === after[at] || inText(one) === after[at];
  return before.every(isSame) ? [...renamed.keys()] : null;
}

/** The name of a test, or of a class of tests, of Python: `test_total_of_two`, `TestTotal`. */
const isDeclared = (tokens: readonly string[], at: number): boolean =>
  /^(?:def|class)$/.test(tokens[at - 1] ?? '') && /^test/i.test(tokens[at] ?? '');

function inNameOfTest(name: string, renamed: ReadonlyMap<string, string>): string {
  const camel = (word: string) =>
    word.replace(/(?:^|_)([a-z])/g, (_all, first: string) => first.toUpperCase());
  let found = name;
  for (const [one, two] of renamed)
    found = found
      .replace(new RegExp(`(?<![A-Za-z0-9])${literal(one)}(?![A-Za-z0-9])`, 'g'), two)
      .replace(new RegExp(`${literal(camel(one))}(?![a-z])`, 'g'), camel(two));
  return found;
}

const IMPORT =
  /^[ \t]*import\s+([^'"();]{1,2000}?)\s+from\s*["']([^"'\n]+)["'][ \t]*;?|^(?:const|let|var)\s+([^=;()]{1,2000}?)\s*=\s*require\(\s*["']([^"'\n]+)["']\s*\)(?:\.\w+)?[ \t]*;?/gm;

/** JavaScript without comments. */
const bareOf = (text: string): string =>
  text.replace(
    /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[\s\S]|[^`\\])*`)|\/\/[^\n]*|\/\*[\s\S]*?\*\//g,
    (_all, string?: string) => string ?? '',
  );

function ofJavascript(text: string): Code {
  const imports: Import[] = [];
  const rest = bareOf(text).replace(
    IMPORT,
    (all, one?: string, from?: string, two?: string, required?: string) => {
      const what = (one ?? two ?? '').replace(/^type\s/, '');
      const names = what
        .split(/[{},]/)
        .map((part) => /([\w$]+)\s*$/.exec(part)?.[1] ?? '')
        .filter((name) => name !== '');
      imports.push({
        module: from ?? required ?? '',
        text: all.replace(/\s+|;$/g, ' ').trim(),
        names,
        whole: /^[\w$]/.test(what),
      });
      return '';
    },
  );
  return { imports, tokens: tokensOf(rest) };
}

function ofPython(text: string): Code | null {
  const lines = pythonTokens(text);
  if (lines === null) return null;
  const imports: Import[] = [];
  const tokens: string[] = [];
  for (const line of lines) {
    const [, from, what = ''] = /^from ([\w. ]+?) import (.*)$/.exec(line) ?? [];
    const [, whole] = /^import (.*)$/.exec(line) ?? [];
    if (from === undefined && whole === undefined) {
      tokens.push(...tokensOf(line), '\n');
      continue;
    }
    const module = (from ?? whole ?? '').replaceAll(' ', '');
    const words = (from === undefined ? (whole ?? '') : what).split(' ');
    imports.push({
      module,
      text: line,
      names: words.filter((word) => IDENTIFIER.test(word) && word !== 'as'),
      whole: false,
    });
  }
  return { imports, tokens };
}
