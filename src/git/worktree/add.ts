import { rename, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DarkFactoryError, usageError } from '../../lib/failure.ts';
import { removeTree } from '../../lib/remove-tree.ts';
import { complaint, gitFailed } from '../run/failures.ts';
import type { Git } from '../run/git.ts';
import {
  asideOf,
  canonical,
  findWorktree,
  type GitDirs,
  holdsFiles,
  kindOf,
  type Worktree,
  writeNote,
} from '../run/places.ts';
import { CHECKOUT, type GitAnswer } from '../run/run.ts';
import { clearHalfMade } from './repair.ts';

/**
 * Makes the worktree of a branch where none is registered. Files that lie in its folder (the registration was removed,
 * the work was not) are kept and become the content of the new worktree.
 */
export async function addWorktree(git: Git, dirs: GitDirs, order: WorktreeOrder): Promise<Worktree> {
  const folder = await canonical(order.worktree);
  const kept = asideOf(folder);
  const files = await holdsFiles(folder);
  if ((await kindOf(kept)) === null) {
    if (!files) return add(git, dirs, order, folder, checkOut);
    await rename(folder, kept);
  } else if (files) {
    throw new DarkFactoryError(
      'failed',
      'worktree_taken',
      `both ${folder} and ${kept} hold files, and neither is a worktree any more`,
      'Move one of the two away.',
    );
  }
  const worktree = await add(git, dirs, order, folder, readIndex);
  await removeTree(join(kept, '.git'));
  await rename(join(folder, '.git'), join(kept, '.git'));
  // From here on the folder may be replaced, and must not be thrown away again.
  await writeNote(worktree, { branch: order.branch, base: order.commit });
  await rmdir(folder);
  await rename(kept, folder);
  return worktree;
}

type Fill = (git: Git, worktree: Worktree) => Promise<GitAnswer>;

const readIndex: Fill = (git, worktree) => git.worktree(worktree, ['read-tree', 'HEAD']);
const checkOut: Fill = (git, worktree) =>
  git.worktree(worktree, ['read-tree', '--reset', '-u', 'HEAD'], CHECKOUT);

/**
 * The files come in a second step, once the registration is there for certain. A `git worktree add` that is ended takes
 * its registration back before the files, while its child may still write some: those would pass for somebody's work.
 */
async function add(
  git: Git,
  dirs: GitDirs,
  order: WorktreeOrder,
  folder: string,
  fill: Fill,
): Promise<Worktree> {
  // Anything but an empty folder; there is at most a `.git` in it.
  await removeTree(folder);
  const args = ['worktree', 'add', '--quiet', '--no-checkout', '--', folder, order.branch];
  for (let attempt = 1; ; attempt++) {
    const added = await git.repository(dirs, args);
    const worktree = await findWorktree(dirs.commonDir, folder);
    const filled = added.code === 0 && worktree !== null ? await fill(git, worktree) : added;
    if (filled.code === 0 && worktree !== null) return worktree;
    if (worktree !== null) await clearHalfMade(worktree, order.branch);
    const known = explain(order, filled.stderr);
    if (known !== null) throw known;
    if (attempt === 2) throw gitFailed(`make the worktree ${folder}`, filled.stderr);
  }
}

function explain(order: WorktreeOrder, stderr: string): DarkFactoryError | null {
  if (/already (checked out|used by worktree)/.test(stderr))
    return usageError(
      'branch_checked_out',
      `the branch ${order.branch} is checked out elsewhere (${complaint(stderr)})`,
      'Switch that checkout to another branch.',
    );
  if (/promisor|lazy|transport 'none|transport '.*' not allowed/.test(stderr))
    return new DarkFactoryError(
      'failed',
      'partial_clone',
      `${order.repository} is a partial clone that lacks objects of ${order.commit.slice(0, 12)}`,
      'Check that commit out once yourself, which fetches them; the factory has no access to your remote.',
    );
  return null;
}

export interface BranchOrder {
  repository: string;
  branch: string;
  commit: string;
}

export interface WorktreeOrder extends BranchOrder {
  worktree: string;
  /**
   * Work may have been committed to the branch already; the last commit that the caller knows of. A branch that is gone is
   * then made again at its worktree's last commit, and not from `commit`.
   */
  worked?: string;
}
