import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DarkFactoryError } from '../../lib/failure.ts';
import { FACTORY_FOLDER, kindOf, linkOf, readText, type Worktree } from '../run/places.ts';
import { removeTree } from '../../lib/remove-tree.ts';

/**
 * Removes a worktree that was never completed, or whose folder is gone: folder first, then the registration, so that a
 * crash in between leaves something that is recognised again. The branch and its commits stay.
 */
export async function clearHalfMade(worktree: Worktree, branch: string): Promise<void> {
  if (!(await isOurs(worktree, branch)))
    throw new DarkFactoryError(
      'failed',
      'worktree_taken',
      `${worktree.folder} is a worktree that the factory did not make`,
      'Remove it with git worktree remove, or use another folder.',
    );
  await removeTree(worktree.folder);
  await removeTree(worktree.admin);
}

/** Made by the factory: it left its folder, or a `git worktree add` for one of its branches did not come to its end. */
export async function isOurs({ admin }: Worktree, branch: string): Promise<boolean> {
  if ((await kindOf(join(admin, FACTORY_FOLDER))) !== null) return true;
  if ((await readText(join(admin, 'locked')))?.startsWith('initializing')) return true;
  const head = await readText(join(admin, 'HEAD'));
  return head === null || head.trim() === '' || head.trim() === `ref: refs/heads/${branch}`;
}

/** Puts back the file by which git inside the worktree finds its git dir. Whatever lies in its place goes. */
export async function mendLink(worktree: Worktree): Promise<void> {
  if ((await linkOf(worktree.folder)) === worktree.admin) return;
  const link = join(worktree.folder, '.git');
  await rm(link, { recursive: true, force: true });
  await writeFile(link, `gitdir: ${worktree.admin}\n`);
}
