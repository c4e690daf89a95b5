import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createGitManager } from '../../../src/git/manager.ts';
import { makeRepository } from '../../support/repository.ts';

/** A parent's worktree at the base, and a way to make the commit that it is to advance to. */
export async function stage(files: Record<string, string>) {
  const repository = await makeRepository({ files });
  onTestFinished(() => repository.cleanup());
  const git = createGitManager({ env: repository.env });
  const base = await repository.git('rev-parse', 'HEAD');
  const [worktree, child] = ['w', 'child'].map((name) => join(repository.outside, name)) as [string, string];
  const admin = join(repository.dir, '.git/worktrees/w');
  await git.createWorktree({ repository: repository.dir, worktree, branch: 'df/a/1', commit: base });
  const next = async (work: (folder: string) => Promise<unknown>) => {
    await repository.git('worktree', 'add', '--quiet', '--detach', child, base);
    await work(child);
    await repository.gitIn(child, 'add', '--all', '--force');
    await repository.gitIn(child, 'commit', '--quiet', '--message=Child');
    const commit = await repository.gitIn(child, 'rev-parse', 'HEAD');
    await repository.git('worktree', 'remove', '--force', child);
    return commit;
  };
  const advance = (to: string, from = base) => git.advanceBranch(repository.dir, worktree, from, to);
  const status = () => repository.gitIn(worktree, 'status', '--porcelain', '--ignore-submodules=none');
  const put = (path: string, content: string) => writeFile(join(worktree, path), content);
  const read = (path: string) => readFile(join(worktree, path), 'utf8');
  const head = () => git.head(repository.dir, worktree);
  /** As a program leaves it that died before the branch moved. */
  const halfWay = (to: string, over: string[] = []) =>
    writeFile(join(admin, 'dark-factory/advance.json'), JSON.stringify({ from: base, to, over }));
  return { repository, git, base, worktree, admin, next, advance, status, put, read, head, halfWay };
}

export const write = (folder: string, path: string, content: string) =>
  writeFile(join(folder, path), content);
