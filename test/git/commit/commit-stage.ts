import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GitManager } from '../../../src/factory/ports.ts';
import { createGitManager } from '../../../src/git/manager.ts';
import { makeRepository, type TestRepository } from '../../support/repository.ts';

export const branch = 'df/a/2026-11-22';

/** A repository with a worktree to commit in. */
export async function openStage() {
  const repository = await makeRepository({
    files: { 'a.txt': 'a\n', 'dir/b.txt': 'b\n', '.gitignore': '*.log\nbuild/\n' },
  });
  const notes: string[] = [];
  const git = createGitManager({ env: repository.env, onNote: (text) => notes.push(text) });
  const base = await repository.git('rev-parse', 'HEAD');
  const worktree = join(repository.outside, 'w');
  await git.createWorktree({ repository: repository.dir, worktree, branch, commit: base });
  return { repository, git, base, worktree, notes, ...workIn(git, repository, worktree) };
}

/** What is done in a worktree. */
export function workIn(git: GitManager, repository: TestRepository, worktree: string) {
  let calls = 0;
  const commit = (message = 'Work', step = `engineer/1/call_${calls++}`) =>
    git.commitChanges(repository.dir, worktree, message, { project: 'p', step, task: 't' });
  const put = async (path: string, content: string) => {
    await mkdir(join(worktree, path, '..'), { recursive: true });
    await writeFile(join(worktree, path), content);
  };
  const inWorktree = (...args: string[]) => repository.gitIn(worktree, ...args);
  const filesOf = async (reference = 'HEAD') =>
    (await inWorktree('ls-tree', '-r', '--name-only', '-z', reference)).split('\0').filter(Boolean).sort();
  return { commit, put, inWorktree, filesOf };
}

export type Stage = Awaited<ReturnType<typeof openStage>>;
