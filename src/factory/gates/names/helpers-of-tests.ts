import { posix } from 'node:path';
import { readAhead } from '../../../lib/async/read-ahead.ts';
import { parseObject } from '../../../lib/record.ts';
import { literal } from '../../../lib/text/literal.ts';
import type { Called } from '../control/helpers.ts';
import { calledInJavascript } from '../control/javascript.ts';
import { calledInPython } from '../control/python.ts';
import { filesOfModule } from '../ecosystems/modules.ts';
import { isDefinitionOfBase, nameOf } from '../pins/definitions.ts';
import { productsOf } from '../pins/named-files.ts';
import { isTestPath } from '../test-source/test-files.ts';
import { meaningOf, type NameMap, nameMap, placesIn } from './import-map.ts';
import { type BothSides, type Import, importsOfProduct } from './imports-of-tests.ts';

/*
 * Modules of the repository's own by which tests assert, wherever they lie (`lib/testing/assert.js`): one that lets a single value pass
 * is caught by nothing that asks it about others, so it belongs to tests. It is a module whose function tests call as an assertion,
 * which asserts, beside which those tests ask something else of the repository, and which no code of the product imports.
 */

const CODE = /\.(?:[cm]?[jt]sx?|py)$/;
/** By which others come into a product, and which nothing of it imports. */
const DOOR = /^(?:src\/|lib\/|app\/)?(?:index|main|cli|app|server|__init__|__main__)\.\w+$/;
const MOST_TESTS = 300;
/** With more sources than these nobody can say what none of them imports. */
const MOST_SOURCES = 2_000;

const JAVASCRIPT_ASSERTS =
  /["'](?:(?:node:)?assert(?:\/strict)?|chai|expect|vitest|@jest\/globals|node:test|uvu\/assert|should|power-assert)["']|(?<![\w.$])expect\(/;
const PYTHON_ASSERTS =
  /^class\s+\w+\([^)\n]*TestCase|^\s*(?:from|import)\s+(?:unittest|pytest|hamcrest|assertpy)\b/m;

/**
 * @param paths of the base commit
 * @returns those that are such modules
 */
export async function helpersOfTests(sides: BothSides, paths: readonly string[]): Promise<string[]> {
  const wanted = new Set(paths.filter((path) => CODE.test(path)));
  if (wanted.size === 0) return [];
  const found = await judgesOfTests(sides);
  if (![...found].some((path) => wanted.has(path))) return [];
  if (sides.base.filter((path) => CODE.test(path) && !isTestPath(path)).length > MOST_SOURCES) return [];
  const product = await importsOfProduct(sides, MOST_SOURCES);
  // One helper may need another.
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const path of found)
      if (product.some((each) => !found.has(each.from) && leadsTo(each, path))) found.delete(path);
  }
  return [...found].filter((path) => wanted.has(path));
}

async function judgesOfTests({ base, old }: BothSides): Promise<Set<string>> {
  const manifest = parseObject(await old('package.json')) ?? {};
  const about = { there: new Set(base), map: nameMap('package.json', manifest) };
  const tests = base.filter((path) => CODE.test(path) && isTestPath(path));
  const called = new Map<string, Set<string>>();
  for await (const [from, text] of readAhead(tests.slice(0, MOST_TESTS), old)) {
    const own = importsOf(from, text ?? '').map((each) => ({
      ...each,
      files: filesOf(from, each.module, about),
    }));
    for (const { asserts, files } of own)
      for (const path of asserts === null ? [] : files) {
        const others = own.flatMap((each) => each.files).filter((each) => each !== path && !isTestPath(each));
        if (others.length > 0) called.set(path, (called.get(path) ?? new Set()).add(asserts ?? ''));
      }
  }
  const [isTested, isProduct] = [new Set(tests.map(stemOf)), new Set(productsOf(manifest))];
  const may = [...called].filter(
    ([path]) =>
      !isTestPath(path) &&
      !isDefinitionOfBase(path) &&
      !isProduct.has(path) &&
      !DOOR.test(path) &&
      !isTested.has(stemOf(path)),
  );
  const found = new Set<string>();
  for await (const [[path, names], text] of readAhead(may, ([path]) => old(path)))
    if (isJudge(path, text ?? '', [...names])) found.add(path);
  return found;
}

const importsOf = (path: string, text: string): Called[] =>
  path.endsWith('.py') ? calledInPython(text) : calledInJavascript(text);

/** The files that a test may mean by the name of a module; none for what is installed. */
function filesOf(
  from: string,
  module: string,
  { there, map }: { there: ReadonlySet<string>; map: NameMap },
): string[] {
  if (from.endsWith('.py') || module.startsWith('.')) return filesOfModule(from, module, there);
  return placesIn(meaningOf(map, module), map)
    .map((place) => place.slice(1))
    .filter((place) => there.has(place));
}

/** `sum` of `test/sum.test.js` and of `src/sum.js`: what has tests of its own is the work. */
const stemOf = (path: string): string =>
  nameOf(path)
    .replace(/\.\w+$/, '')
    .replace(/^tests?[._-]|[._-](?:tests?|spec|e2e)$/, '');

/** Whether a module asserts: by a library for that, or by failing where two things that a function of it is given differ. */
function isJudge(path: string, text: string, names: readonly string[]): boolean {
  if ((path.endsWith('.py') ? PYTHON_ASSERTS : JAVASCRIPT_ASSERTS).test(text)) return true;
  if (!/\bthrow\b|\braise\b|^\s*assert\b/m.test(text)) return false;
  return names.some((name) => {
    const head = `\\b${literal(name)}\\s*[=:]?\\s*(?:async\\s*)?(?:function\\s*)?\\(`;
    const [, one, two] = new RegExp(`${head}\\s*([\\w$]+)[^,()]*,\\s*([\\w$]+)`).exec(text) ?? [];
    if (one === undefined || two === undefined) return false;
    const [a, b] = [one, two].map((each) => `(?<![\\w$])${literal(each)}(?![\\w$])`);
    return new RegExp(`(?:if|assert)\\b[^\\n]*${a}[^\\n]*(?:[!=]==?|,)[^\\n]*${b}`).test(text);
  });
}

/** Whether an import of the product may mean a file: by its place, or behind another name of its folder (`@/testing/assert`). */
function leadsTo({ from, module }: Import, path: string): boolean {
  if (from === path) return false;
  if (from.endsWith('.py')) return filesOfModule(from, module, new Set([path])).length > 0;
  if (module.startsWith('/')) return filesOfModule('a.js', module.slice(1), new Set([path])).length > 0;
  const place = path
    .replace(/(?:\/index)?\.\w+$/, '')
    .split('/')
    .slice(-2)
    .join('/');
  return module.includes('/') && posix.join('/', module.replace(/\.\w+$/, '')).endsWith(`/${place}`);
}
