import { removeMemory } from '../worktree/extension.ts';
import type { Git } from './git.ts';
import { withLock } from './lock.ts';
import { ours, type Worktree } from './places.ts';

/** Milliseconds to wait for others that make or remove worktrees of the same repository. */
const REPOSITORY_PATIENCE = 15 * 60_000;
/** Milliseconds to wait for another call on the same worktree; longer than one git may take. */
const WORKTREE_PATIENCE = 15 * 60_000;

/** One at a time for one repository, over all processes: git itself sometimes fails when worktrees are made at once. */
export async function inRepository<T>(
  git: Git,
  commonDir: string,
  work: (git: Git) => Promise<T>,
): Promise<T> {
  const options = { what: `the repository ${commonDir}`, patienceMs: REPOSITORY_PATIENCE };
  try {
    return await withLock(git, ours(commonDir, 'lock'), options, work);
  } finally {
    await removeMemory(commonDir);
  }
}

/** One at a time for one worktree: whoever writes its index, or the factory's own beside it. */
export function inWorktree<T>(git: Git, worktree: Worktree, work: (git: Git) => Promise<T>): Promise<T> {
  const options = { what: `the worktree ${worktree.folder}`, patienceMs: WORKTREE_PATIENCE };
  const file = ours(worktree.admin, 'lock');
  // In turn within this process first: only one call of each process then asks for the lock again and again.
  return git.inTurn(file, () => withLock(git, file, options, work));
}
