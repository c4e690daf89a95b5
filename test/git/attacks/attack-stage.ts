import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createGitManager } from '../../../src/git/manager.ts';
import { makeRepository } from '../../support/repository.ts';

/**
 * A worktree as if the sandbox had failed: the attack's files are planted where an agent is kept from writing. Whatever git
 * is made to run touches a file in `canaries`, which must stay empty.
 */
export async function openAttack() {
  const repository = await makeRepository({ remote: true, files: { 'a.txt': 'a\n', 'b.txt': 'b\n' } });
  const notes: string[] = [];
  const git = createGitManager({ env: repository.env, onNote: (text) => notes.push(text) });
  const worktree = join(repository.outside, 'w');
  const canaries = join(repository.outside, 'canaries');
  await mkdir(canaries);
  const base = await repository.git('rev-parse', 'HEAD');
  await git.createWorktree({ repository: repository.dir, worktree, branch: 'df/a/1', commit: base });

  const put = (path: string, content: string) => writeFile(join(worktree, path), content);
  const config = (key: string, value: string) => repository.git('config', key, value);

  /** A program that leaves a trace. */
  const trap = async (name: string, file = join(repository.outside, `trap-${name}`)) => {
    await writeFile(file, `#!/bin/sh\ntouch ${join(canaries, name)}\n`);
    await chmod(file, 0o755);
    return file;
  };

  let steps = 0;
  const commit = () =>
    git.commitChanges(repository.dir, worktree, 'x', { project: 'p', step: `engineer/${steps++}/a` });

  /** Everything the factory does with a worktree. */
  const wholeLife = async () => {
    await git.inspectRepository(repository.dir);
    await git.treeHash(repository.dir, worktree);
    await put('a.txt', `${steps} changed\n`);
    await put('new.txt', `${steps} new\n`);
    await git.treeHash(repository.dir, worktree);
    const made = await commit();
    expect(made).not.toBeNull();
    const tip = made ?? '';
    await git.diff(repository.dir, base, tip);
    await git.diffFigures(repository.dir, base, tip);
    await git.changedFiles(repository.dir, base, tip);
    await git.log(repository.dir, base, tip, 10);
    await git.showFile(repository.dir, tip, 'a.txt');
    await git.tryPush(repository.dir, worktree);
    await git.validateWorktree(repository.dir, worktree);
    const second = join(repository.outside, 'second');
    await git.createWorktree({
      repository: repository.dir,
      worktree: second,
      branch: 'df/b/1',
      commit: base,
    });
    await git.deleteWorktree(repository.dir, second);
    await git.deleteWorktree(repository.dir, worktree);
  };

  const nothingRan = async () => expect(await readdir(canaries)).toEqual([]);
  return { repository, git, notes, worktree, canaries, put, config, trap, commit, wholeLife, nothingRan };
}

export type Attack = Awaited<ReturnType<typeof openAttack>>;
