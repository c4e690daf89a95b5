import { rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DarkFactoryError } from '../../lib/failure.ts';
import { removeTree } from '../../lib/remove-tree.ts';
import type { Git } from '../run/git.ts';
import {
  blankOf,
  FACTORY_FOLDER,
  holdsFiles,
  kindOf,
  linkOf,
  ours,
  readText,
  replaceFile,
  type Worktree,
} from '../run/places.ts';
import { removeWhole } from './remove-whole.ts';

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
  await removeWhole(worktree.folder);
  await removeTree(worktree.admin);
}

/**
 * Whether somebody may have worked in a worktree. The note is written last, so without it nobody did; but a note can be
 * lost as well, so there must be no other trace of work either.
 */
export async function wasWorkedIn(git: Git, worktree: Worktree): Promise<boolean> {
  if (!(await holdsFiles(worktree.folder))) return false;
  if ((await kindOf(ours(worktree.admin, 'worktree.json'))) !== null) return true;
  // The index of a checkout that was cut off is not written yet.
  if ((await kindOf(join(worktree.admin, 'index'))) === null) return false;
  const changes = await git.worktree(worktree, ['ls-files', '--others', '--modified', '--exclude-standard']);
  return changes.code !== 0 || changes.stdout.length > 0;
}

/** Made by the factory: it left its folder, or a `git worktree add` for one of its branches did not come to its end. */
export async function isOurs({ admin }: Worktree, branch: string): Promise<boolean> {
  if ((await kindOf(join(admin, FACTORY_FOLDER))) !== null) return true;
  if ((await readText(join(admin, 'locked')))?.startsWith('initializing')) return true;
  const head = await readText(join(admin, 'HEAD'));
  return head === null || head.trim() === '' || head.trim() === `ref: refs/heads/${branch}`;
}

/**
 * Puts back the file by which git inside the worktree finds its git dir, and there those that name its branch and repository,
 * where they say nothing any more. Whatever lies in the place of the first goes.
 */
export async function mendLinks(worktree: Worktree, branch: string): Promise<void> {
  const said: Record<string, string> = { HEAD: `ref: refs/heads/${branch}`, commondir: worktree.commonDir };
  for (const file of await blankOf(worktree)) await replaceFile(file, `${said[basename(file)]}\n`);
  if ((await linkOf(worktree.folder)) === worktree.admin) return;
  const link = join(worktree.folder, '.git');
  await rm(link, { recursive: true, force: true });
  await writeFile(link, `gitdir: ${worktree.admin}\n`);
}
