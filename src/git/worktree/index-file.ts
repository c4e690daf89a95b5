import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { orNull } from '../../lib/errno.ts';
import { isFailure } from '../../lib/failure.ts';
import { isTrue, type RepositoryConfig, setting } from '../run/config.ts';
import { expectSuccess } from '../run/failures.ts';
import { dirsOf, type Git } from '../run/git.ts';
import type { NotedWorktree } from '../run/places.ts';
import { despiteStaleLock, locksOf } from '../run/stale.ts';

/**
 * Does `work` once more where git failed at it over a damaged index, which is made anew from the branch first: git forces none
 * to the disk, so a power cut may leave it empty or cut. Callers hold the worktree's lock.
 */
export async function despiteDamagedIndex<T>(
  git: Git,
  worktree: NotedWorktree,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isFailure(error, 'git_failed') || !(await mendIndex(git, worktree))) throw error;
    return work();
  }
}

/**
 * Nothing is lost with it: what was staged is staged again from the files, and no agent writes there.
 *
 * @returns whether it was damaged
 */
async function mendIndex(git: Git, worktree: NotedWorktree): Promise<boolean> {
  const found = await orNull(readFile(join(worktree.admin, 'index')));
  if (found === null) return false;
  const config = await git.config(dirsOf(worktree));
  if (isSound(found, hasNoHash(config))) return false;
  // Which files its owner has not checked out stood in it alone: they would look deleted.
  const sparse = setting(config, 'core.sparsecheckout') ?? 'false';
  if (sparse !== 'false') return false;
  const { branch } = worktree.note;
  const read = await despiteStaleLock(git, locksOf(worktree, branch), () =>
    git.worktree(worktree, ['read-tree', `refs/heads/${branch}`]),
  );
  expectSuccess(read, `make the index of ${worktree.folder} anew`);
  return true;
}

function hasNoHash(config: RepositoryConfig): boolean {
  const own = setting(config, 'index.skiphash');
  return isTrue(own === undefined ? setting(config, 'feature.manyfiles') : own);
}

/**
 * gitformat-index(5): the last bytes are the hash of all that stands before. git itself looks at it in `fsck` alone.
 *
 * @param mayLackHash zeros may stand in its place
 */
function isSound(index: Buffer, mayLackHash: boolean): boolean {
  const endsWithHash = ([algorithm, length]: [string, number]) => {
    const tail = index.subarray(-length);
    const hash = createHash(algorithm).update(index.subarray(0, -length)).digest();
    return index.length > length && (hash.equals(tail) || (mayLackHash && tail.every((byte) => byte === 0)));
  };
  const hashes: [string, number][] = [
    ['sha1', 20],
    ['sha256', 32],
  ];
  return index.subarray(0, 4).toString('latin1') === 'DIRC' && hashes.some(endsWithHash);
}
