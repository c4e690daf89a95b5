import { DarkFactoryError } from '../lib/failure.ts';
import { type Git, textOf } from './git.ts';
import type { NotedWorktree } from './places.ts';

/** Throws `failed`/`worktree_off_branch` when somebody switched the worktree to another branch. */
export async function headOf(git: Git, worktree: NotedWorktree): Promise<{ commit: string; tree: string }> {
  const text = await textOf(
    git.worktree(worktree, ['rev-parse', 'HEAD^{commit}', 'HEAD^{tree}', '--symbolic-full-name', 'HEAD']),
    `read HEAD of ${worktree.folder}`,
  );
  const [commit = '', tree = '', ref = ''] = text.split('\n');
  if (ref === `refs/heads/${worktree.note.branch}`) return { commit, tree };
  throw new DarkFactoryError(
    'failed',
    'worktree_off_branch',
    `${worktree.folder} is on ${ref || 'no branch'}, not on ${worktree.note.branch}`,
    `Switch it back: git -C ${worktree.folder} switch ${worktree.note.branch}`,
  );
}
