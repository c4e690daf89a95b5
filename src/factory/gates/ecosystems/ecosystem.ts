import type { Ecosystem, BaseTree, Found } from './types.ts';
import { definitionsIn } from '../pins/definitions.ts';
import { findNode } from './node.ts';
import { findCargo, findGo, findMake } from './others.ts';
import { findPython } from './python.ts';

type Finder = (tree: BaseTree) => Promise<Found>;

/** In order of precedence: the first that knows a command wins, command by command. */
const FINDERS: readonly Finder[] = [findNode, findPython, findCargo, findGo, findMake];

/**
 * @param tree the repository at its base commit
 * @returns for each kind of check the command, or `null` where the repository names none
 */
export async function findEcosystem(tree: BaseTree): Promise<Ecosystem> {
  const found: Ecosystem = {
    test: null,
    lint: null,
    format: null,
    setup: null,
    definitions: definitionsIn(tree.paths),
  };
  for (const find of FINDERS) {
    const answer = await find(tree);
    const guessed = (answer.guessed ?? []).filter((kind) => found[kind] === null && answer[kind]);
    found.guessed = [...(found.guessed ?? []), ...guessed];
    found.test ??= answer.test ?? null;
    found.lint ??= answer.lint ?? null;
    found.format ??= answer.format ?? null;
    found.setup ??= answer.setup ?? null;
  }
  return found;
}
