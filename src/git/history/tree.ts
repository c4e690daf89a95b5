import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { copyFile, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { orNullSync } from '../../lib/errno.ts';
import { isFailure } from '../../lib/failure.ts';
import { stageAll } from '../commit/stage.ts';
import { expectSuccess } from '../run/failures.ts';
import { type Git, withVariables } from '../run/git.ts';
import { inWorktree } from '../run/hold.ts';
import { kindOf, requireFolder, requireWorktree, treeIndex, type Worktree } from '../run/places.ts';
import { locksOf } from '../run/stale.ts';
import { despiteDamagedIndex } from '../worktree/index-file.ts';

/**
 * Hash over what a commit of the worktree would hold now: same paths, modes and content, same hash, whether committed
 * or not. Ignored files do not count.
 *
 * The factory keeps an index of its own beside the worktree's, so that only files that changed since the last call are
 * read; no object is written.
 */
export async function treeHash(git: Git, repository: string, folder: string): Promise<string> {
  const worktree = await requireWorktree(repository, folder);
  await requireFolder(worktree);
  const locks = locksOf(worktree, worktree.note.branch);
  const index = treeIndex(worktree);
  return inWorktree(git, worktree, async (held) => {
    const stage = async () => {
      await begin(held, worktree, index);
      return stageAll(held, worktree, { index, infoOnly: true, locks });
    };
    await stage().catch(async (error) => {
      if (!isFailure(error, 'git_failed')) throw error;
      return despiteDamagedIndex(held, worktree, async () => {
        // It is only a cache: begin again without it.
        await rm(index, { force: true });
        return stage();
      });
    });
    const own = withVariables(held, { GIT_INDEX_FILE: index });
    const rows = expectSuccess(await own.worktree(worktree, ['ls-files', '-z', '--stage']), 'read the index');
    return createHash('sha256').update(rows.stdout).digest('hex');
  });
}

/**
 * Files as young as the index itself are compared by content whenever it is read, and after a checkout that is all of them: a
 * refresh on a later second ends that.
 */
async function begin(git: Git, worktree: Worktree, index: string): Promise<void> {
  if (!(await takeOverIndex(worktree, index))) return;
  await withVariables(git, { GIT_INDEX_FILE: index }).worktree(worktree, ['update-index', '-q', '--refresh']);
}

/** The worktree's own index to begin with, so that unchanged files need not be read. @returns whether it was taken over just now */
export async function takeOverIndex(worktree: Worktree, index: string): Promise<boolean> {
  if ((await kindOf(index)) !== null) return false;
  const own = join(worktree.admin, 'index');
  const found = orNullSync(() => statSync(own));
  // To git one that was removed is an empty one.
  if (found === null) return false;
  const { mtimeMs } = found;
  await copyFile(own, index);
  // git compares files with the time of the index; a younger copy would hide a change made in the same second.
  const second = Math.floor(mtimeMs / 1_000);
  await utimes(index, second, second);
  return true;
}
