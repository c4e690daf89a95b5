import { readAhead } from '../../../lib/async/read-ahead.ts';
import { literal } from '../../../lib/text/literal.ts';
import { filesOfModule, namedModules } from '../ecosystems/modules.ts';
import { moduleIn, parentsOf } from '../test-source/inline-tests.ts';
import { blankedCode, isTestPath, readTestFile } from '../test-source/test-files.ts';
import { nameOf } from '../pins/definitions.ts';

/* Files of the product whose names or folders are those of tests (`src/commands/test.js`, `pkg/spec/types.go`): putting them back takes away the work. */

/** The files of a commit, and their texts. */
export interface Sources {
  paths: ReadonlySet<string>;
  read(path: string): Promise<string | null>;
}

/** Most sources that are asked whether they use a file. */
const MOST_SOURCES = 300;

const CODE = /\.(?:[cm]?[jt]sx?|py|rs|go|java|kt|cs|swift)$/;

/** Whether nothing but a word that products have as well makes it a test: a folder `spec`, a file `test.js` or `TypeSpec.kt`. */
export function mayBeProduct(path: string): boolean {
  if (!CODE.test(path) || !isTestPath(path)) return false;
  // Classes are used by name alone, and many have one name.
  const plain = CLASSES.test(path)
    ? path.replace(/Spec(?=\.\w+$)/, '')
    : path.replaceAll(new RegExp(FOLDERS, 'gi'), 'x').replace(/(?<=^|\/)test(?=\.\w+$)/, 'x');
  return !isTestPath(plain);
}

const CLASSES = /\.(?:java|kt|cs|swift)$/;
const FOLDERS = /(?<=^|\/)specs?(?=\/)/i;

/** What tests of any kind have, beside those that are declared as such. */
const CHECKS =
  /\b(?:assert\w*|expect|should)\b|@\w*Test\b|\[(?:Fact|Theory|Test\w*)\b|\bXCTest|\b(?:(?:Fun|String|Should|Word|Behavior|Free|Feature|Describe|Expect|Annotation|Quick)Spec|Specification)\b/;

function checks(path: string, text: string): boolean {
  // The language has tests in files of other names alone, and helpers that import this.
  if (path.endsWith('.go')) return /"testing"/.test(text);
  if (readTestFile(path, text)?.titles.some((title) => title !== '')) return true;
  return CHECKS.test(blankedCode(path, text));
}

/**
 * Those of the paths that code of the product loads and that check nothing.
 *
 * @param paths `mayBeProduct`; one of the base commit must be loaded there
 */
export async function productsAmong(
  paths: readonly string[],
  base: Sources,
  now: Sources,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const path of paths) {
    const side = base.paths.has(path) ? base : now;
    if (path.endsWith('.rs') ? await isModuleOfProduct(path, side) : await isUsed(path, base, now, side))
      found.add(path);
  }
  return found;
}

async function isUsed(path: string, base: Sources, now: Sources, side: Sources): Promise<boolean> {
  const texts = await Promise.all([base.read(path), now.read(path)]);
  if (texts.some((text) => text !== null && checks(path, text))) return false;
  const uses = usesOf(path);
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  const sources = [...side.paths]
    .filter((each) => each !== path && CODE.test(each) && !isTestPath(each))
    .sort((a, b) => Number(b.startsWith(folder)) - Number(a.startsWith(folder)));
  for await (const [from, text] of readAhead(sources.slice(0, MOST_SOURCES), side.read))
    if (text !== null && uses(from, text)) return true;
  return false;
}

/** How a source of the same language uses a file: by its path, by its package, or by the name of the class in it. */
function usesOf(path: string): (from: string, text: string) => boolean {
  const stem = nameOf(path).replace(/\.\w+$/, '');
  const folder = path.split('/').at(-2) ?? '';
  const ending = /\.\w+$/.exec(path)?.[0] ?? '';
  const one = new Set([path]);
  if (/\.[cm]?[jt]sx?$/.test(path))
    return (from, text) =>
      namedModules(text).some(
        (module) => module.startsWith('.') && filesOfModule(from, module, one).length > 0,
      );
  const isWord = (word: string, text: string) => new RegExp(`(?<!\\w)${literal(word)}(?!\\w)`).test(text);
  if (ending === '.py') {
    const wanted = [...(stem === '__init__' ? [] : [stem]), ...(FOLDERS.test(path) ? [folder] : [])];
    return (from, text) =>
      from.endsWith('.py') &&
      text
        .split('\n')
        .filter((line) => /^\s*(?:from|import)\s/.test(line))
        .some((line) => wanted.every((word) => isWord(word, line)));
  }
  if (ending === '.go')
    return (from, text) =>
      from.endsWith('.go') &&
      (from.slice(0, from.lastIndexOf('/') + 1) === path.slice(0, path.lastIndexOf('/') + 1) ||
        new RegExp(`"[^"\\n]*/${literal(folder)}"`).test(text));
  return (from, text) => from.endsWith(ending) && isWord(stem, text);
}

/** Whether a file of Rust is compiled into the product, whatever its tests are called. */
async function isModuleOfProduct(path: string, side: Sources): Promise<boolean> {
  const { module, parents } = parentsOf(path);
  for (const parent of parents.filter((each) => side.paths.has(each) && each !== path)) {
    const named = moduleIn(parent, (await side.read(parent)) ?? '', module);
    if (named === null || named.isTests) continue;
    if (!isTestPath(parent) || (mayBeProduct(parent) && (await isModuleOfProduct(parent, side)))) return true;
  }
  return false;
}
