import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createGitManager } from '../../src/git/manager.ts';
import { lostWorktrees } from '../../src/producers/health/worktrees.ts';
import { addProject, openStore } from '../state/samples.ts';
import { withFolder } from '../state/support.ts';
import { makeRepository } from '../support/repository.ts';

it('a worktree is told of whose folder, .git file, registration or branch is gone, while its project is open and should have one', () =>
  withFolder(async (folder) => {
    const { store } = openStore(folder);
    const repository = await makeRepository();
    onTestFinished(() => repository.cleanup());
    const git = createGitManager({ env: repository.env });
    const commit = await repository.git('rev-parse', 'HEAD');
    const make = async (name: string, more: Parameters<typeof addProject>[1] = {}) => {
      const [worktreePath, workBranch] = [join(repository.outside, name), `df/${name}/1`];
      await git.createWorktree({
        ...{ repository: repository.dir, worktree: worktreePath, branch: workBranch, commit },
      });
      return addProject(store, {
        ...{
          name,
          repository: repository.dir,
          gitDir: join(repository.dir, '.git'),
          worktreePath,
          workBranch,
        },
        ...{ status: 'active', started: true, prepared: true, ...more },
      });
    };
    const sound = await make('sound');
    const gone = await make('gone');
    const unlinked = await make('unlinked');
    const unregistered = await make('unregistered');
    const branchless = await make('branchless', { status: 'paused' });
    const ended = await make('ended', { status: 'completed' });
    const restingBefore = await make('resting');
    await store.project(restingBefore.id).update((current) => ({ ...current, prepared: false }));
    const elsewhere = await make('elsewhere', { repository: join(repository.outside, 'moved') });
    for (const { worktreePath } of [gone, ended, restingBefore]) await rm(worktreePath, { recursive: true });
    await rename(join(unlinked.worktreePath, '.git'), join(unlinked.worktreePath, 'git'));
    await rm(join(repository.dir, '.git/worktrees/unregistered'), { recursive: true });
    await repository.git('update-ref', '-d', `refs/heads/${branchless.workBranch}`);

    const open = [sound, gone, unlinked, unregistered, branchless, ended, restingBefore, elsewhere];
    const found = await lostWorktrees({ state: store, git }, open);
    const at = ({ id, name, worktreePath: path }: typeof sound) => ({ id, name, path });
    const problem = expect.stringContaining(`its registration in ${repository.dir}`);
    expect(found).toEqual([
      at(gone),
      { ...at(unlinked), problem },
      { ...at(unregistered), problem },
      { ...at(branchless), problem },
      { ...at(elsewhere), problem: expect.stringContaining('is not a git repository') },
    ]);
  }));
