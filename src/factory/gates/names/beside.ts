import { filesOfModule } from '../ecosystems/modules.ts';
import { type BothSides, importsOfTests } from './imports-of-tests.ts';

/** What is loaded by a name without its ending. */
const LOADED = /(?<!\.d)\.(?:[cm]?[jt]sx?|json|node|py|pyc|so|pyd)$/;

/**
 * New files that tests of the base commit may load in place of one that was there, because they name it without its ending
 * (`require('../vectors/add')`, `import vectors`); with the files of before.
 */
export async function loadedInstead(sides: BothSides): Promise<Map<string, string[]>> {
  const there = new Set(sides.base);
  const byName = new Map<string, string[]>();
  for (const path of sides.base.filter((each) => LOADED.test(each)))
    for (const name of namesOf(path)) byName.set(name, [...(byName.get(name) ?? []), path]);
  const others = new Map<string, string[]>();
  for (const path of sides.changed.filter((each) => LOADED.test(each) && !there.has(each))) {
    const before = namesOf(path).flatMap((name) => byName.get(name) ?? []);
    if (before.length > 0) others.set(path, before);
  }
  const found = new Map<string, string[]>();
  if (others.size === 0) return found;
  for (const { from, module } of await importsOfTests(sides)) {
    // What is there under the very name is loaded before all others.
    if (there.has(module.slice(1)) || !(from.endsWith('.py') || module.startsWith('/'))) continue;
    for (const [path, before] of others) {
      const meant = new Set(filesOfModule(asSaid(from), module, new Set([path, ...before])));
      const old = before.filter((each) => meant.has(each));
      if (meant.has(path) && old.length > 0)
        found.set(path, [...new Set([...(found.get(path) ?? []), ...old])]);
    }
  }
  return found;
}

/** Paths in imports of tests are those of the repository already. */
const asSaid = (from: string): string => (from.endsWith('.py') ? from : 'a.js');

/** The paths by which a file may be named. */
function namesOf(path: string): string[] {
  const name = path.replace(/(?:\.(?:cpython|abi3|pypy)[\w-]*)?\.\w+$/, '');
  const folder = name.replace(/\/(?:index|__init__)$/, '');
  return folder === name ? [name] : [name, folder];
}
