import { definitionsIn } from '../pins/definitions.ts';
import { ECOSYSTEMS } from './all.ts';
import { isInstalled } from './installed.ts';
import type { BaseTree, RepositoryCommands } from './types.ts';

/**
 * @param tree the repository at its base commit
 * @returns for each kind of check the command, or `null` where the repository names none
 */
export async function findEcosystem(tree: BaseTree): Promise<RepositoryCommands> {
  const found: RepositoryCommands = {
    test: null,
    lint: null,
    format: null,
    setup: null,
    definitions: definitionsIn(tree.paths),
  };
  const own = { ...tree, paths: tree.paths.filter((path) => !isInstalled(path)) };
  for (const { find } of ECOSYSTEMS) {
    const answer = await find(own);
    const guessed = (answer.guessed ?? []).filter((kind) => found[kind] === null && answer[kind]);
    found.guessed = [...(found.guessed ?? []), ...guessed];
    if (found.test === null && found.lint === null && answer.lintOfTests) found.lintOfTests = true;
    found.test ??= answer.test ?? null;
    found.lint ??= answer.lint ?? null;
    found.format ??= answer.format ?? null;
    found.setup ??= answer.setup ?? null;
  }
  return found;
}
