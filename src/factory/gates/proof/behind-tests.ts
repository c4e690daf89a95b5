import { readAhead } from '../../../lib/async/read-ahead.ts';
import { parseObject } from '../../../lib/record.ts';
import { literal } from '../../../lib/text/literal.ts';
import { loadedInstead } from '../names/beside.ts';
import { helpersOfTests } from '../names/helpers-of-tests.ts';
import type { BothSides } from '../names/imports-of-tests.ts';
import { DATA, isPlainData, MODULE } from '../names/plain-data.ts';
import { rewired } from '../names/rewired.ts';
import { isDefinitionOfBase, isManifest, nameOf } from '../pins/definitions.ts';
import { productsOf } from '../pins/named-files.ts';
import { ownRunner } from './own-runner.ts';
import type { TestChanges } from './test-changes.ts';
import { isCompiled, isTestPath } from '../test-source/test-files.ts';

/*
 * Files that belong to tests though neither name nor folder says so: scripts of assertions that the gate's command starts, what only
 * tests read (`vectors/add.json`), what they assert by, the repository's own runner, and how files are written into a tree at all.
 */

/** How git changes content when it writes files: with other line ends a fixture is another one. */
export const isAttributes = (path: string): boolean => nameOf(path) === '.gitattributes';

const CODE = /\.(?:[cm]?[jt]sx?|py|rs|go|rb|php|java|kt|cs|c|cc|cpp|h|hpp|p[lm]|sh|ex|exs|swift|vue|svelte)$/;
/** Most files that are looked at for it: of those that changed, only what holds nothing but values counts. */
const MOST_DATA = 2_000;
const MOST_TESTS = 150;
const MOST_SOURCES = 300;

/** Whether a program does nothing but ask for something of the repository, and ends otherwise where it is not so. */
function asserts(path: string, text: string, others: readonly string[]): boolean {
  if (isCompiled(path))
    return (
      /\bmain\s*\(/i.test(text) &&
      /\bassert\b|\bAssertionError\b/.test(text) &&
      others.some((each) => isCompiled(each))
    );
  if (!/\.(?:[cm]?[jt]s|py)$/.test(path) || /^\s*export\b|\bmodule\.exports\b/m.test(text)) return false;
  // A module that tests itself is the work.
  if (!/^(?:await\s+)?(?:assert|expect)\b/m.test(text)) return false;
  return others.some((each) => isNamed(each, linesOfImports(text)));
}

/** What is compiled into tests: nothing else has a use for their package. Mocks are made anew with what they stand for. */
const isHelperOfGo = (text: string): boolean =>
  /^\s*(?:import\s+)?(?:\w+\s+)?"testing"\s*(?:\/\/.*)?$/m.test(text) &&
  !/^\/\/ Code generated .* DO NOT EDIT\.$/m.test(text);

/** What is known of the gate's command that runs the tests. */
export interface TestsOfGate {
  /** What of the repository it starts. */
  started: ReadonlySet<string>;
  /** What it printed on the base commit is that of a known runner. */
  isRead: boolean;
}

/** What of a commit belongs to tests in that way. */
export interface BehindTests {
  /** Changed files, and new ones that tests would load in place of one of those. */
  paths: string[];
  names: NonNullable<TestChanges['names']>;
  /** How many may be and were too many to be looked at. */
  unread: number;
}

/** @param ordered all that differs, the files of the base commit first */
export async function behindTests(
  sides: BothSides,
  ordered: readonly string[],
  tests: TestsOfGate,
): Promise<BehindTests> {
  const there = new Set(sides.base);
  const instead = await loadedInstead(sides);
  const old = new Set([...ordered.filter((path) => there.has(path)), ...[...instead.values()].flat()]);
  const { paths, unread } = await behindIn(sides, [...old], tests);
  paths.push(...(await helpersOfTests(sides, [...old])).filter((path) => !paths.includes(path)));
  const isBehind = (path: string) => isTestPath(path) || paths.includes(path);
  const fresh = [...instead].flatMap(([path, was]) => (was.some(isBehind) ? [path] : []));
  const names = await rewired(sides);
  const differs = new Set(ordered);
  return {
    paths: [...paths.filter((path) => differs.has(path)), ...fresh, ...Object.keys(names)],
    names,
    unread,
  };
}

/** @param paths files of the base commit */
async function behindIn(
  { base, old }: BothSides,
  paths: readonly string[],
  { started, isRead }: TestsOfGate,
): Promise<{ paths: string[]; unread: number }> {
  const read = async (path: string) => (await old(path)) ?? '';
  const candidates = paths.filter(
    (path) => !isTestPath(path) && !isDefinitionOfBase(path) && !isManifest(path),
  );
  const code = base.filter((path) => CODE.test(path) && !isTestPath(path));
  const found: string[] = [];
  const scripts = candidates.filter((each) => started.has(each));
  for await (const [path, text] of readAhead(scripts, read))
    if (
      asserts(
        path,
        text,
        code.filter((each) => each !== path),
      )
    )
      found.push(path);
  const helpers = candidates.filter((each) => each.endsWith('.go') && !found.includes(each));
  for await (const [path, text] of readAhead(helpers.slice(0, MOST_SOURCES), read))
    if (isHelperOfGo(text)) found.push(path);
  if (!isRead && candidates.some((path) => MODULE.test(path))) {
    const products = productsOf(parseObject(await read('package.json')) ?? {});
    const runner = await ownRunner(read, base, products);
    found.push(...candidates.filter((path) => runner.has(path) && !found.includes(path)));
  }
  const values = candidates.filter((each) => !found.includes(each) && (DATA.test(each) || MODULE.test(each)));
  // Modules are many, and few of them hold nothing but values: they take no place from those that do.
  const all: string[] = [];
  const textOf = async (path: string) => (MODULE.test(path) ? read(path) : '');
  for await (const [path, text] of readAhead(values, textOf)) if (isPlainData(path, text)) all.push(path);
  const data = all.slice(0, MOST_DATA);
  const hasTests = base.some((path) => isTestPath(path) && CODE.test(path));
  const unread = hasTests ? all.length - data.length : 0;
  return { paths: [...found, ...(await behindAlone(data, code, base, read))], unread };
}

/** Those of the data that tests of the product name, and no code of the product itself. */
async function behindAlone(
  data: readonly string[],
  code: readonly string[],
  base: readonly string[],
  read: (path: string) => Promise<string>,
): Promise<string[]> {
  if (data.length === 0) return [];
  const isData = new Set(data);
  const sources = code.filter((path) => !isData.has(path));
  const isCode = (path: string) => CODE.test(path) || path.endsWith('.t');
  const known = new Map<string, boolean>();
  const asksProduct = (text: string): boolean => {
    const imports = linesOfImports(text);
    const asks =
      known.get(text) ?? sources.some((source) => isNamed(source, imports) || text.includes(nameOf(source)));
    known.set(text, asks);
    return asks;
  };
  const asked = (path: string, text: string) => isNamed(path, text) && asksProduct(text);
  const tests = base.filter((path) => isTestPath(path) && isCode(path)).slice(0, MOST_TESTS);
  const named = await namedIn(tests, data, read, asked);
  if (named.length === 0) return [];
  const products = new Set(await namedIn(sources.slice(0, MOST_SOURCES), named, read, isNamed));
  return named.filter((path) => !products.has(path));
}

/** Those of `data` that one of the files names. */
async function namedIn(
  files: readonly string[],
  data: readonly string[],
  read: (path: string) => Promise<string>,
  names: (path: string, text: string) => boolean,
): Promise<string[]> {
  const left = new Set(data);
  for await (const [, text] of readAhead(files, read)) {
    for (const path of left) if (names(path, text)) left.delete(path);
    if (left.size === 0) break;
  }
  return data.filter((path) => !left.has(path));
}

const linesOfImports = (text: string): string =>
  text
    .split('\n')
    .filter((line) => /\b(?:import|require|from|use|source|include)\b/.test(line))
    .join('\n');

/** By file, and data by its folder or without its ending as well. */
function isNamed(path: string, text: string): boolean {
  const parts = path.split('/');
  const name = parts.at(-1) ?? path;
  const short = MODULE.test(path) ? name.replace(/\.\w+$/, '') : name;
  const folder = MODULE.test(path) ? undefined : parts.at(-2);
  const required = name.endsWith('.json') ? name.slice(0, -'.json'.length) : undefined;
  // Of many names few stand in a text at all.
  return (
    (text.includes(short) && new RegExp(`(?<![\\w-])${literal(short)}(?![\\w-])`).test(text)) ||
    (folder !== undefined &&
      text.includes(folder) &&
      new RegExp(`["'\`/]${literal(folder)}["'\`/]`).test(text)) ||
    (required !== undefined &&
      text.includes(required) &&
      new RegExp(`["'\`/]${literal(required)}["'\`]`).test(text))
  );
}
