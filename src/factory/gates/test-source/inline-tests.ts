import { literal } from '../../../lib/text/literal.ts';
import { type PythonBlock, pythonBlocks, pythonTestsInProduct } from '../ecosystems/python-source.ts';
import { nameOf } from '../pins/definitions.ts';
import { LITERALS, withoutComments, withoutStrings } from './blanked.ts';
import type { Place } from './left-out.ts';
import { blankedCode, testPlaces } from './test-files.ts';

/*
 * Tests that stand in the files of the product: Rust's `#[cfg(test)]` and `#[test]`, `import.meta.vitest`, tests and doctests in Python
 * modules, examples in Rust's documentation. They cannot be put back by their file, so their old text is put into the new file.
 */

export interface OldInlineTests {
  /** The new file with the tests of the old one; `null`: they are the same. */
  text: string | null;
  /** Names of what went together with its code, so that nobody can run it any more. */
  lost: string[];
}

interface Part extends Place {
  name: string;
}

/**
 * @param after `null`: the file is gone
 * @param elsewhere tests of all changed files as they read now: one of Rust that moved along with its code is asked there
 */
export function withOldTests(
  path: string,
  before: string,
  after: string | null,
  elsewhere: ReadonlySet<string> = new Set(),
): OldInlineTests {
  const partsOf = READERS[/\.(\w+)$/.exec(path)?.[1] ?? ''];
  const old = partsOf?.(before) ?? [];
  if (old.length === 0) return { text: null, lost: [] };
  if (after === null) return { text: null, lost: old.map(({ name }) => name) };
  const edits: (Part & { text: string })[] = [];
  const missing: Part[] = [];
  const pairs = pairsOf(old, before, partsOf?.(after) ?? [], after);
  const places = newPlaces(path, after, pairs);
  for (const [part, paired] of pairs) {
    const text = before.slice(part.start, part.end);
    const isBare = part.name.startsWith(BARE);
    const now = paired ?? (isBare ? places.find(({ name }) => name === part.name) : undefined);
    // A module that lies in a file of its own now cannot stand here as well.
    const named = now === undefined && path.endsWith('.rs') ? moduleIn(path, after, part.name) : null;
    if (named !== null) edits.push({ ...part, ...named, text });
    else if (now === undefined) {
      if (!isBare || !elsewhere.has(squeezed(text))) missing.push(part);
    } else if (paired === undefined && squeezed(after.slice(now.start, now.end)) === squeezed(text)) continue;
    else if (after.slice(now.start, now.end) !== text) edits.push({ ...now, text });
  }
  const alone = missing.filter(({ name }) => !name.startsWith(EXAMPLES));
  const lost = missing.filter(({ name }) => name.startsWith(EXAMPLES)).map(({ name }) => name);
  if (edits.length + alone.length === 0) return { text: null, lost };
  let text = after;
  for (const edit of edits.sort((a, b) => b.start - a.start))
    text = text.slice(0, edit.start) + edit.text + text.slice(edit.end);
  const added = alone.map(({ start, end }) => before.slice(start, end)).join('\n\n');
  return { text: alone.length === 0 ? text : put(path, text, added), lost };
}

/**
 * Each old part with the new one that it became, which none other has: several may have one name (`pub fn new` of three types). Where as
 * many are there as before, their order tells; else those that read as before come first, for one more shifts all behind it.
 */
function pairsOf(
  old: readonly Part[],
  before: string,
  now: readonly Part[],
  after: string,
): [Part, Part | undefined][] {
  const left = [...now];
  const pairs = new Map<Part, Part>();
  const take = (part: Part, fits: (each: Part) => boolean) => {
    const at = left.findIndex((each) => each.name === part.name && fits(each));
    const [found] = at < 0 ? [] : left.splice(at, 1);
    if (found !== undefined) pairs.set(part, found);
  };
  const count = (parts: readonly Part[], name: string) => parts.filter((each) => each.name === name).length;
  for (const part of old) {
    if (count(old, part.name) === count(now, part.name)) continue;
    const text = before.slice(part.start, part.end);
    take(part, ({ start, end }) => after.slice(start, end) === text);
  }
  for (const part of old) if (!pairs.has(part)) take(part, () => true);
  return old.map((part) => [part, pairs.get(part)]);
}

/** Tests in modules of Rust that the file did not have: one that stood bare may stand there now. */
function newPlaces(path: string, after: string, pairs: readonly [Part, Part | undefined][]): Part[] {
  if (!path.endsWith('.rs')) return [];
  const known = pairs.flatMap(([, now]) => now ?? []);
  return testPlaces(path, after)
    .filter((test) => !known.some(({ start, end }) => start <= test.start && test.end <= end))
    .map(({ title, start, end }) => ({ name: BARE + title, start, end }));
}

const squeezed = (text: string): string => text.replace(/\s+/g, '');

/** The tests of a file of Rust as they read, whatever they are set in by. */
export function rustTestsAsRead(path: string, text: string | null): string[] {
  if (text === null || !path.endsWith('.rs')) return [];
  return testPlaces(path, text).map(({ start, end }) => squeezed(text.slice(start, end)));
}

/** By which name a file of Rust may be a module, and of which files. */
export function parentsOf(path: string): { module: string; parents: string[] } {
  const own = path.replace(/(?:\/mod)?\.rs$/, '');
  const [folder, module] = [own.slice(0, own.lastIndexOf('/')), nameOf(own)];
  const isModule = own.includes('/') && !/^(?:lib|main)$/.test(module);
  const ends = isModule ? ['/lib.rs', '/main.rs', '/mod.rs', '.rs'] : [];
  return { module, parents: ends.map((end) => folder + end) };
}

/** Where a file of Rust names a module that lies in a file of its own, and whether for tests alone; `null`: nowhere. */
export function moduleIn(path: string, text: string, name: string): (Place & { isTests: boolean }) | null {
  const named = `((?:#\\[[^\\]]*\\]\\s*)*)(?:pub(?:\\([^)]*\\))?\\s+)?\\bmod\\s+${literal(name)}\\s*;`;
  const found = new RegExp(named).exec(blankedCode(path, text));
  if (found === null) return null;
  const isTests = new RegExp(FOR_TESTS).test(found[1] ?? '');
  return { start: found.index, end: found.index + found[0].length, isTests };
}

/** Without those within others: what is written over the outer one would be cut in two by an edit of the inner one. */
function outermost(parts: readonly Part[]): Part[] {
  const around = (one: Part) => (other: Part) =>
    other !== one && other.start <= one.start && one.end <= other.end;
  return parts.filter((part) => !parts.some(around(part)));
}

/** Whether a file of the product holds tests of its own. */
export function hasInlineTests(path: string, text: string): boolean {
  return (READERS[/\.(\w+)$/.exec(path)?.[1] ?? '']?.(text).length ?? 0) > 0;
}

/** Where the tests of a file of the product stand, with the conditions before them. */
export function inlineTests(path: string, text: string): { start: number; end: number }[] {
  const parts = READERS[/\.(\w+)$/.exec(path)?.[1] ?? '']?.(text) ?? [];
  return parts.map(({ start, end }) => {
    const before = path.endsWith('.rs') ? text.slice(Math.max(0, start - LONGEST_MARKS), start) : '';
    return { start: start - (/(?:#\[[^\]]*\]\s*)+$/.exec(before)?.[0].length ?? 0), end };
  });
}

/** Characters that attributes before the tests of a file in Rust may take. */
const LONGEST_MARKS = 500;

/** Tests that are gone, where they still run: before the line that starts those of a Python module. */
function put(path: string, text: string, added: string): string {
  const main = path.endsWith('.py') ? text.search(/^if __name__ ==/m) : -1;
  if (main < 0) return `${text.replace(/\n*$/, '\n\n')}${added}\n`;
  return `${text.slice(0, main)}${added}\n\n\n${text.slice(main)}`;
}

/** Begins the names of examples in documentation, which belong to what they document. */
const EXAMPLES = 'the examples of ';

const READERS: Readonly<Record<string, (text: string) => Part[]>> = {
  py: pythonParts,
  rs: (text) =>
    outermost([...bracedParts(text, RUST_TESTS, LITERALS.rust), ...bareTests(text), ...rustExamples(text)]),
  ...Object.fromEntries(
    ['js', 'mjs', 'cjs', 'jsx', 'ts', 'mts', 'cts', 'tsx'].map((name) => [
      name,
      (text: string) => bracedParts(text, VITEST, LITERALS.js),
    ]),
  ),
};

const FOR_TESTS = '#\\[cfg\\((?:all\\((?:[^\\]]*,\\s*)?)?test\\b[^\\]]*\\]';
const RUST_TESTS = new RegExp(
  `${FOR_TESTS}\\s*(?:#\\[[^\\]]*\\]\\s*)*(?:pub(?:\\([^)]*\\))?\\s+)?mod\\s+(\\w+)\\s*\\{`,
  'g',
);
const VITEST = /\bif\s*\(\s*import\.meta\.vitest\s*\)\s*\{/g;

function bracedParts(text: string, pattern: RegExp, literals: string): Part[] {
  const code = withoutStrings(withoutComments(text, literals), literals);
  return [...text.matchAll(pattern)]
    .filter(({ index }) => code[index] === text[index])
    .map((found) => ({
      name: found[1] ?? 'import.meta.vitest',
      start: found.index,
      end: closing(code, found.index + found[0].length),
    }));
}

/** The offset behind the bracket that closes the one before `at`. */
function closing(code: string, at: number): number {
  let depth = 1;
  for (let end = at; end < code.length; end += 1) {
    if (code[end] === '{') depth += 1;
    else if (code[end] === '}' && --depth === 0) return end + 1;
  }
  return code.length;
}

/** Begins the names of tests of Rust that stand in no module of tests. */
const BARE = 'fn ';

const bareTests = (text: string): Part[] =>
  testPlaces('a.rs', text).map(({ title, start, end }) => ({ name: BARE + title, start, end }));

const DOCTEST = /^\s*>>> /m;

function pythonParts(text: string): Part[] {
  const blocks = pythonBlocks(text);
  const classes = blocks.filter(
    ({ kind, name, bases, local }) =>
      kind === 'class' && !local && (/TestCase/.test(bases) || /^Test/.test(name)),
  );
  const within = (block: PythonBlock) =>
    classes.some((each) => each !== block && block.start >= each.start && block.end <= each.end);
  const tests = [...classes, ...pythonTestsInProduct(blocks)].filter((block) => !within(block));
  const parts: Part[] = tests.map(({ path, start, end }) => ({ name: path, start, end }));
  for (const { path, docstring } of blocks) {
    const isTest = parts.some(
      ({ start, end }) => docstring !== null && docstring.start >= start && docstring.end <= end,
    );
    if (docstring !== null && !isTest && DOCTEST.test(text.slice(docstring.start, docstring.end)))
      parts.push({ name: `${EXAMPLES}${path}`, ...docstring });
  }
  const top = /^(?:\s*(?:#[^\n]*)?\n)*[rRuU]?("""|''')[\s\S]*?\1/.exec(text);
  if (top !== null && DOCTEST.test(top[0]))
    parts.push({
      name: `${EXAMPLES}the module`,
      start: top[0].search(/[rRuU]?(?:"""|''')/),
      end: top[0].length,
    });
  return parts;
}

/** Comments of documentation with a block of code in them, by what they document. */
function rustExamples(text: string): Part[] {
  const parts: Part[] = [];
  for (const found of text.matchAll(/(?:^[ \t]*\/\/[/!][^\n]*\n)+(?:[ \t]*#\[[^\n]*\n)*([^\n]*)/gm)) {
    const comment = /^(?:[ \t]*\/\/[/!][^\n]*\n)+/.exec(found[0])?.[0] ?? '';
    if (!comment.includes('```')) continue;
    const what = comment.trimStart().startsWith('//!') ? 'the module' : (found[1] ?? '').split(/[({<;=]/)[0];
    parts.push({ name: `${EXAMPLES}${what?.trim()}`, start: found.index, end: found.index + comment.length });
  }
  return parts;
}
