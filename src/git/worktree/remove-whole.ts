import { rename } from 'node:fs/promises';
import { orNull } from '../../lib/errno.ts';
import { removeTree } from '../../lib/remove-tree.ts';

/** What the name of a worktree's folder ends with while it is removed. Nothing in there is of worth to anybody. */
export const REMOVED = '.gone';

/**
 * Removes the folder of a worktree: at once from its place, then piece by piece. Who looks in between, or after a crash there,
 * must not find a folder of half the files: the others would pass for deleted by the agent, and be committed as such.
 *
 * @param alone calls what it is given while nobody reads the folder for a commit
 */
export async function removeWhole(
  folder: string,
  alone: (move: () => Promise<unknown>) => Promise<unknown> = (move) => move(),
): Promise<void> {
  const gone = `${folder}${REMOVED}`;
  await removeTree(gone);
  await alone(() => orNull(rename(folder, gone)));
  await removeTree(gone);
}
