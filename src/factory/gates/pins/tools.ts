import { readAhead } from '../../../lib/async/read-ahead.ts';
import { literal } from '../../../lib/text/literal.ts';
import { filesOfModule, javascriptModules } from '../ecosystems/modules.ts';
import { isTestPath } from '../test-source/test-files.ts';
import { filesOfCommand } from './commands.ts';
import { nameOf } from './definitions.ts';
import { CODE, type NamingTree, PRODUCT } from './preloaded.ts';

/* Programs of the repository's own that look like tools for checking, and those that scripts of its package name. */

/** Of the base commit's package.json. */
export interface Package {
  scripts: Record<string, unknown>;
  products: ReadonlySet<string>;
}

/** Behind a word that begins a file's name nothing, or another word: `run.js`, `run-all.js` and `runAll.js`, but not `runtime.js`. */
const MORE = '(?:[-_.A-Z\\d][-\\w.]*)?\\.\\w+$';
/** A file that checks something, as its name tells. */
const CHECKS = 'tests?|checks?|lint|ci|verify|selftest|harness';
const CHECK = new RegExp(`(?:^|/)(?:${CHECKS})${MORE}`);
/** A program of the repository's own that runs checks: a shell script, or something in a folder for tools. */
export const TOOL = new RegExp(
  [
    '\\.(?:sh|bash|zsh|ps1|bat)$',
    '(?:^|/)(?:scripts?|tools?|ci|hack|bin|dev|build-?tools?|gradlew|mvnw)(?:/|$)',
    `(?:^|/)(?:${CHECKS}|run|runner)${MORE}`,
  ].join('|'),
);
/** Scripts of a package that start the product, make it or send it out: what they name is the work. */
const SHIPS =
  /^(?:pre|post)?(?:start|serve|dev|watch|preview|build|bundle|release|publish|deploy|version|seed|migrate|docs|generate)(?:[:._-]|$)/;
/** Tests that are asked whether they are about a program. */
const MOST_TESTS = 150;

/**
 * Of scripts that no gate runs, programs that look like tools count as well: one may be run under another name. What starts the product,
 * or what tests of the base commit ask for something, is the work, unless it is called a check.
 */
export async function otherPrograms({ scripts, products }: Package, tree: NamingTree): Promise<string[]> {
  const found = new Set<string>();
  const likely = new Set<string>();
  for (const [name, text] of Object.entries(scripts)) {
    if (typeof text !== 'string') continue;
    for (const word of filesOfCommand(text).words.map((each) => each.replace(/^(\.\/)+/, ''))) {
      if (!tree.base.has(word) || !TOOL.test(word) || isTestPath(word)) continue;
      if (PRODUCT.test(word) || products.has(word)) continue;
      if (CHECK.test(word)) found.add(word);
      else if (!SHIPS.test(name)) likely.add(word);
    }
  }
  const tested = await testedOf([...likely], tree);
  return [...found, ...[...likely].filter((path) => !tested.has(path))];
}

/** Those that tests of the base commit load, or name by their whole path. */
async function testedOf(paths: readonly string[], { base, read }: NamingTree): Promise<Set<string>> {
  const tested = new Set<string>();
  if (paths.length === 0) return tested;
  const tests = [...base].filter((path) => isTestPath(path) && CODE.test(path)).slice(0, MOST_TESTS);
  for await (const [from, text] of readAhead(tests, read))
    for (const path of paths) {
      if (text === null || !text.includes(nameOf(path).replace(/\.\w+$/, ''))) continue;
      const isLoaded = javascriptModules(text).some(
        (module) => filesOfModule(from, module, new Set([path])).length > 0,
      );
      if (isLoaded || new RegExp(`(?<![\\w-])${literal(path)}(?![\\w-])`).test(text)) tested.add(path);
    }
  return tested;
}
