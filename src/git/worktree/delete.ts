import { join } from 'node:path';
import { DarkFactoryError, usageError } from '../../lib/failure.ts';
import { removeIfEmpty, removeTree } from '../../lib/remove-tree.ts';
import type { Git } from '../run/git.ts';
import { inRepository, inWorktree } from '../run/hold.ts';
import {
  asideOf,
  canonical,
  FACTORY_FOLDER,
  findWorktree,
  type GitDirs,
  gitDirsOf,
  holdsAny,
  holdsFiles,
  kindOf,
  linkOf,
  list,
  ours,
  readText,
  type Worktree,
} from '../run/places.ts';
import { disableWorktreeConfig } from './extension.ts';
import { removeWhole } from './remove-whole.ts';
import { isOurs, wasWorkedIn } from './repair.ts';

/** See `GitManager`. */
export async function holdsWork(git: Git, repository: string, worktree: string): Promise<boolean> {
  const folder = await canonical(worktree);
  if (await holdsFiles(asideOf(folder)))
    throw new DarkFactoryError(
      'failed',
      'worktree_unsaved',
      `${asideOf(folder)} holds files of the worktree ${folder}, which was just being made again`,
      'Look at them, and remove that folder by hand if nobody needs it.',
    );
  if (!(await holdsFiles(folder))) return false;
  const dirs = await gitDirsOf(repository);
  const found = dirs === null ? null : await findWorktree(dirs.commonDir, folder);
  return found === null || (await wasWorkedIn(git, found));
}

/**
 * Removes folder, registration and, with the factory's last worktree of this repository, its traces in the
 * configuration. Never a branch. Whatever of these is gone already is fine, the repository included. `git worktree
 * remove` is not asked: it looks for changes first, and that in the agent's files.
 *
 * Throws `usage`/`not_a_worktree` for a folder that the factory did not make.
 */
export async function deleteWorktree(git: Git, repository: string, worktree: string): Promise<void> {
  const dirs = await gitDirsOf(repository);
  const folder = await canonical(worktree);
  await refuseOwners(dirs, repository, folder);
  if (dirs === null) return removeFolder(folder, null);
  await inRepository(git, dirs.commonDir, async (held) => {
    const found = await findWorktree(dirs.commonDir, folder);
    if (found === null) await removeFolder(folder, dirs);
    else await removeRegistered(held, found);
    if (!(await hasOthers(dirs))) await disableWorktreeConfig(held, dirs.commonDir);
  });
}

async function removeRegistered(git: Git, worktree: Worktree): Promise<void> {
  if (!(await isOurs(worktree, await branchOf(worktree)))) throw notOurs(worktree.folder);
  // In this order, so that a crash in between leaves something that is recognised again.
  const noted = (await kindOf(ours(worktree.admin))) === 'folder';
  await removeWhole(worktree.folder, (move) => (noted ? inWorktree(git, worktree, move) : move()));
  await removeTree(asideOf(worktree.folder), worktree.admin);
  await removeIfEmpty(join(worktree.commonDir, 'worktrees'));
}

/** A `git worktree add` of the factory that died early left a branch of the factory in its HEAD. */
async function branchOf({ admin }: Worktree): Promise<string> {
  const head = (await readText(join(admin, 'HEAD')))?.trim() ?? '';
  return /^ref: refs\/heads\/(df(-\d+)?\/.+)$/.exec(head)?.[1] ?? '';
}

/** Not registered: only what still points to a place for worktrees, or holds nothing, is taken for one of ours. */
async function removeFolder(folder: string, dirs: GitDirs | null): Promise<void> {
  const kind = await kindOf(folder);
  if (kind === 'folder') {
    const target = await linkOf(folder);
    const root = dirs === null ? '/worktrees/' : join(dirs.commonDir, 'worktrees/');
    const points = target !== null && (dirs === null ? target.includes(root) : target.startsWith(root));
    if (!points && holdsAny(folder)) throw notOurs(folder);
  } else if (kind !== null) throw notOurs(folder);
  await removeWhole(folder);
  await removeTree(asideOf(folder));
}

async function hasOthers({ commonDir }: GitDirs): Promise<boolean> {
  for (const name of await list(join(commonDir, 'worktrees')))
    if ((await kindOf(join(commonDir, 'worktrees', name, FACTORY_FOLDER))) !== null) return true;
  return false;
}

async function refuseOwners(dirs: GitDirs | null, repository: string, folder: string): Promise<void> {
  const precious = [await canonical(repository), ...(dirs === null ? [] : [dirs.commonDir, dirs.gitDir])];
  const contains = precious.some((path) => path === folder || path.startsWith(`${folder}/`));
  if (contains || folder === '/') throw notOurs(folder);
}

function notOurs(folder: string): DarkFactoryError {
  return usageError(
    'not_a_worktree',
    `${folder} is not a worktree of the factory, so it is not removed`,
    'Look at it, and remove it by hand if nobody needs it.',
  );
}
