import { definitionsIn } from '../pins/definitions.ts';
import { ECOSYSTEMS } from './all.ts';
import { isInstalled } from './installed.ts';
import type { BaseTree, FoundCommand, RepositoryCommands } from './types.ts';

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
  const setups: FoundCommand[] = [];
  for (const { find } of ECOSYSTEMS) {
    const answer = await find(own);
    const guessed = (answer.guessed ?? []).filter((kind) => found[kind] === null && answer[kind]);
    found.guessed = [...(found.guessed ?? []), ...guessed];
    if (found.test === null && found.lint === null && answer.lintOfTests) found.lintOfTests = true;
    const isUsed = (['test', 'lint', 'format'] as const).some(
      (kind) => found[kind] === null && answer[kind] && !(kind !== 'test' && answer.guessed?.includes(kind)),
    );
    if (answer.setup && (setups.length === 0 || isUsed)) setups.push(answer.setup);
    found.test ??= answer.test ?? null;
    found.lint ??= answer.lint ?? null;
    found.format ??= answer.format ?? null;
  }
  return { ...found, setup: joined(setups) };
}

/** What installs for all commands that were found. What may fail is no part of a whole that may not. */
function joined([first, ...others]: readonly FoundCommand[]): FoundCommand | null {
  if (first === undefined || first.optional) return first ?? null;
  const all = [first, ...others.filter(({ optional }) => !optional)];
  if (all.length === 1) return first;
  return {
    command: all.map(({ command }) => command).join(' && '),
    source: all.map(({ source }) => source).join(', '),
    ...(all.some(({ unlocked }) => unlocked) ? { unlocked: true } : {}),
  };
}
