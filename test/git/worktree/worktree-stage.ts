import { join } from 'node:path';
import { createGitManager } from '../../../src/git/manager.ts';
import { makeRepository } from '../../support/repository.ts';

export const branch = 'df/a/2026-11-22';

/** A repository with a remote, and where its first worktree will be. */
export async function openStage() {
  const repository = await makeRepository({ remote: true, files: { 'a.txt': 'a\n', 'dir/b.txt': 'b\n' } });
  const git = createGitManager({ env: repository.env });
  const commit = await repository.git('rev-parse', 'HEAD');
  const worktree = join(repository.outside, 'worktrees', 'project-1');
  const order = (more: object = {}) => ({ repository: repository.dir, worktree, branch, commit, ...more });
  const create = (more: object = {}) => git.createWorktree(order(more));
  return { repository, git, commit, worktree, order, create };
}

export type Stage = Awaited<ReturnType<typeof openStage>>;

export const step = (name: string) => ({ project: 'p', step: name });
