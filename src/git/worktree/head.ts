import { DarkFactoryError } from '../../lib/failure.ts';
import { expectSuccess } from '../run/failures.ts';
import { type Git, textOf } from '../run/git.ts';
import { type GitDirs, missing, type NotedWorktree } from '../run/places.ts';
import { looseHead } from '../run/refs.ts';

/** Throws `failed`: `worktree_off_branch` when somebody switched to another branch, `worktree_missing` when it is gone. */
export async function headOf(git: Git, worktree: NotedWorktree): Promise<{ commit: string; tree: string }> {
  const known = looseHead(worktree);
  if (known !== null) return { commit: known, tree: await treeIdOf(git, worktree, known) };
  const args = ['rev-parse', 'HEAD^{commit}', 'HEAD^{tree}', '--symbolic-full-name', 'HEAD'];
  const answer = await git.worktree(worktree, args);
  if (answer.code !== 0) await requireBranch(git, worktree);
  const text = expectSuccess(answer, `read HEAD of ${worktree.folder}`).stdout.toString('utf8').trimEnd();
  const [commit = '', tree = '', ref = ''] = text.split('\n');
  if (ref === `refs/heads/${worktree.note.branch}`) return { commit, tree };
  throw new DarkFactoryError(
    'failed',
    'worktree_off_branch',
    `${worktree.folder} is on ${ref || 'no branch'}, not on ${worktree.note.branch}`,
    `Switch it back: git -C ${worktree.folder} switch ${worktree.note.branch}`,
  );
}

/**
 * A commit's tree: the same for ever, so git is asked once.
 *
 * @param made the tree, where the caller made the commit of it
 */
export async function treeIdOf(
  git: Git,
  { commonDir }: Pick<GitDirs, 'commonDir'>,
  commit: string,
  made?: string,
): Promise<string> {
  const args = ['rev-parse', '--verify', `${commit}^{tree}`];
  const ask = () => textOf(git.repository({ gitDir: commonDir, commonDir }, args), `read ${commit}`);
  return git.treeIds(`${commonDir}\0${commit}`, async () => made ?? ask());
}

/** Throws `failed`/`worktree_missing` when somebody removed the worktree's branch. */
export async function requireBranch(git: Git, worktree: NotedWorktree): Promise<void> {
  const { branch } = worktree.note;
  const found = await git.worktree(worktree, ['show-ref', '--verify', '--quiet', `refs/heads/${branch}`]);
  if (found.code === 1) throw missing(`the branch ${branch} is gone`);
}
