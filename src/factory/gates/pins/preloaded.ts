import { readAhead } from '../../../lib/async/read-ahead.ts';
import { asRecord, parseObject } from '../../../lib/record.ts';
import { javascriptModules, mayMean } from '../ecosystems/modules.ts';
import { isTestPath } from '../test-source/test-files.ts';
import { preloadedIn } from './commands.ts';
import { isDefinitionOfBase, nameOf } from './definitions.ts';

/* What a runner loads before the tests, which may lie in the folder of the product: a mock there stands in for the work in every test. */

/** The base commit, and which paths the commit under test has. */
export interface NamingTree {
  base: ReadonlySet<string>;
  now: ReadonlySet<string>;
  /** Text of a file of the base commit. */
  read(path: string): Promise<string | null>;
}

export const PRODUCT = /(^|\/)(src|lib|app|cmd|pkg|internal)\//;
/** Of these only what they have loaded before the tests is followed: the rest of them is ordinary work. */
export const MANIFEST = /^(?:package\.json|pyproject\.toml)$/;
export const CODE = /\.(?:[cm]?[jt]sx?|vue|svelte|py)$/;
/** Most sources that are asked whether they load a file as well. */
const MOST_SOURCES = 300;

/** Files that a configuration of the base commit has loaded before the tests, and that no code of the product loads. */
export async function preloaded(path: string, text: string, tree: NamingTree): Promise<string[]> {
  const named = path.endsWith('package.json') ? byManifest(path, text) : preloadedIn(path, text);
  const there = named.filter((each) => tree.base.has(each) || tree.now.has(each));
  const found: string[] = [];
  const isSure = (each: string) => !PRODUCT.test(each) && !MANIFEST.test(nameOf(path));
  for (const each of new Set(there)) if (isSure(each) || !(await isProduct(each, tree))) found.push(each);
  return found;
}

/** Runners have a part of their own there, in which the words of mocha mean what they mean in its own file. */
function byManifest(path: string, text: string): string[] {
  const folder = path.slice(0, path.length - nameOf(path).length);
  const all = parseObject(text) ?? {};
  return ['jest', 'vitest', 'mocha', 'ava'].flatMap((name) =>
    preloadedIn(`${folder}${name === 'ava' ? 'mocha' : name}.json`, JSON.stringify(asRecord(all[name]))),
  );
}

/**
 * Whether code of the product loads it as well: then it is what the work is about, though tests load it first.
 *
 * @param isNone what is no code of the product, either
 */
export async function isProduct(
  path: string,
  { base, read }: NamingTree,
  isNone: (from: string) => boolean = () => false,
): Promise<boolean> {
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  const code = [...base]
    .filter((each) => each !== path && CODE.test(each) && !isTestPath(each) && !isDefinitionOfBase(each))
    .filter((each) => !isNone(each))
    .sort((a, b) => Number(b.startsWith(folder)) - Number(a.startsWith(folder)));
  for await (const [from, text] of readAhead(code.slice(0, MOST_SOURCES), read))
    if (javascriptModules(text ?? '').some((module) => mayMean(from, module, path))) return true;
  return false;
}
