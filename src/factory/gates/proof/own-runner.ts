import { readAhead } from '../../../lib/async/read-ahead.ts';
import { filesOfModule } from '../ecosystems/modules.ts';
import { JAVASCRIPT_NAME, javascriptImports } from '../ecosystems/node/imports.ts';
import { pythonImports } from '../ecosystems/python-source.ts';
import { isTestPath } from '../test-source/test-files.ts';

/*
 * Where no runner is known by what it prints, a repository may have its own: a module by whose function tests are declared
 * (`check('adds', () => …)`, `@check`). It decides what is run and what counts as failed, so it belongs to tests wherever it lies.
 */

const PYTHON = /\.py$/;
const MODULE = /\.(?:[cm]?[jt]s|py)$/;
const ASSERTS = /\bassert\b|\bexpect\s*\(|\b(?:strict|deep)?[eE]qual\s*\(/;
/** Asserted outside of any test: a script, in which functions of the product may be called in the same way. */
const AT_TOP = /^(?:await\s+)?(?:assert|expect)\b/m;
/** Files that are looked at for tests that are declared so. */
const MOST_FILES = 300;

/**
 * The modules of such a runner, with those that they need; paths of the base commit.
 *
 * @param read the text of a file of the base commit
 * @param products main files and programs of the package: a library for tests is tested by itself
 */
export async function ownRunner(
  read: (path: string) => Promise<string>,
  base: readonly string[],
  products: readonly string[],
): Promise<Set<string>> {
  const there = new Set(base);
  const isProduct = new Set(products);
  const modules = base.filter((path) => MODULE.test(path));
  const ordered = [...modules.filter(isTestPath), ...modules.filter((path) => !isTestPath(path))];
  const queue: string[] = [];
  const moduleFiles = (path: string, module: string) =>
    PYTHON.test(path) || module.startsWith('.')
      ? filesOfModule(path, module, there).filter((file) => MODULE.test(file))
      : [];
  for await (const [path, text] of readAhead(ordered.slice(0, MOST_FILES), read)) {
    if (!ASSERTS.test(text) || AT_TOP.test(text)) continue;
    const names = new Set(declarersIn(path, text));
    for (const { local, module } of importsOf(path, text))
      if (names.has(local)) queue.push(...moduleFiles(path, module));
  }
  const found = new Set<string>();
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    if (found.has(path) || isProduct.has(path) || isTestPath(path)) continue;
    found.add(path);
    for (const { module } of importsOf(path, await read(path))) queue.push(...moduleFiles(path, module));
  }
  return found;
}

const importsOf = (path: string, text: string): { local: string; module: string }[] =>
  PYTHON.test(path) ? pythonImports(text) : javascriptImports(text);

/** Functions that are called at the top of a file with a text and a function, or stand above one as a decorator. */
function declarersIn(path: string, text: string): string[] {
  const patterns = PYTHON.test(path)
    ? [
        /^@(\w+)[ \t]*(?:\([^\n]*\)[ \t]*)?\n(?:@[^\n]*\n)*(?:async[ \t]+)?def\b/gm,
        /^(\w+)\([ \t]*["'][^\n]*,[ \t]*lambda\b/gm,
      ]
    : [
        new RegExp(
          `^(?:await\\s+)?(${JAVASCRIPT_NAME})\\(\\s*(["'\`])[^\\n]*?\\2\\s*,\\s*(?:async\\b\\s*)?(?:\\(|function\\b|${JAVASCRIPT_NAME}\\s*=>)`,
          'gm',
        ),
      ];
  return patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([, name = '']) => name));
}
