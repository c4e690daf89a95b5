import { chmod, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createGitManager } from '../../../src/git/manager.ts';
import { makeRepository } from '../../support/repository.ts';

const TRAILERS = { project: 'p', step: 'apply/1' };

async function stage(work: Record<string, string> = { 'b.txt': 'new\n', 'deep/c.txt': 'c\n' }) {
  const repository = await makeRepository({ files: { 'a.txt': 'a\n' } });
  onTestFinished(() => repository.cleanup());
  const git = createGitManager({ env: repository.env });
  const commit = async (files: Record<string, string>, message: string) => {
    for (const [path, content] of Object.entries(files)) await repository.write(path, content);
    await repository.git('add', '--all');
    await repository.git('commit', '--quiet', `--message=${message}`);
    return repository.git('rev-parse', 'HEAD');
  };
  await repository.git('checkout', '--quiet', '-b', 'df/work');
  const theirs = await commit(work, 'work');
  await repository.git('checkout', '--quiet', 'main');
  const order = { repository: repository.dir, commit: theirs, message: 'Take it', trailers: TRAILERS };
  const apply = (squash = false) => git.applyCommit({ ...order, squash });
  const look = async () => [
    await repository.git('rev-parse', 'HEAD', 'main'),
    await repository.git('status', '--porcelain'),
    await readFile(join(repository.dir, 'a.txt'), 'utf8'),
  ];
  return { repository, git, commit, theirs, apply, look };
}

describe('taking a branch into the checkout', () => {
  it('moves a branch that has nothing of its own forward, as git merge would, and once', async () => {
    const { repository, theirs, apply } = await stage();
    expect(await apply()).toMatchObject({ branch: 'main', to: theirs });
    expect(await repository.git('status', '--porcelain')).toBe('');
    expect(await readFile(join(repository.dir, 'deep/c.txt'), 'utf8')).toBe('c\n');
    expect(await apply()).toEqual({ branch: 'main', from: theirs, to: theirs });
  });

  it('makes a merge where both have gone on, or one commit of the owner’s', async () => {
    for (const squash of [false, true]) {
      const { repository, commit, theirs, apply } = await stage();
      const ours = await commit({ 'a.txt': 'mine\n' }, 'mine');
      const { from, to } = await apply(squash);
      expect(from).toBe(ours);
      expect(await repository.git('log', '-1', '--format=%P', to)).toBe(squash ? ours : `${ours} ${theirs}`);
      expect(await repository.git('log', '-1', '--format=%an %s', to)).toBe('Test Owner Take it');
      expect(await repository.git('status', '--porcelain', '-b')).toBe('## main');
      expect(await readFile(join(repository.dir, 'b.txt'), 'utf8')).toBe('new\n');
    }
  });

  it('leaves all as it was at a conflict, with changes that are not committed, and with files in the way', async () => {
    const conflict = await stage({ 'a.txt': 'theirs\n' });
    await conflict.commit({ 'a.txt': 'mine\n' }, 'mine');
    const before = await conflict.look();
    await expect(conflict.apply()).rejects.toMatchObject({ code: 'merge_conflict', kind: 'failed' });
    expect(await conflict.look()).toEqual(before);
    for (const [path, code] of [
      ['a.txt', 'checkout_dirty'],
      ['b.txt', 'checkout_in_the_way'],
    ] as const) {
      const { repository, apply, look } = await stage();
      await repository.write(path, 'not committed\n');
      const was = await look();
      await expect(apply()).rejects.toMatchObject({ code });
      expect(await look()).toEqual(was);
      expect(await readFile(join(repository.dir, path), 'utf8')).toBe('not committed\n');
    }
  });

  it('overwrites no file that git ignores, and takes a file in the place of a folder of git’s', async () => {
    for (const [path, lies] of [
      ['.env', '.env'],
      ['.env/x', '.env'],
      ['.env', '.env/mine'],
    ] as const) {
      const { repository, apply } = await stage({ [path]: 'theirs\n' });
      await repository.write('.git/info/exclude', '.env\n');
      await repository.write(lies, 'my password\n');
      await expect(apply()).rejects.toMatchObject({
        code: 'checkout_in_the_way',
        message: expect.stringContaining(lies),
      });
      expect(await readFile(join(repository.dir, lies), 'utf8')).toBe('my password\n');
    }
    const { repository, git, commit, theirs } = await stage();
    await commit({ 'a/b': 'b\n' }, 'folder');
    await repository.git('checkout', '--quiet', '-b', 'df/other');
    await repository.git('rm', '--quiet', '-r', 'a');
    const to = await commit({ a: 'a\n' }, 'file');
    await repository.git('checkout', '--quiet', 'main');
    const order = { repository: repository.dir, message: 'Take it', trailers: TRAILERS, squash: false };
    expect(await git.applyCommit({ ...order, commit: to })).toMatchObject({ to });
    expect(await readFile(join(repository.dir, 'a'), 'utf8')).toBe('a\n');
    expect((await git.applyCommit({ ...order, commit: theirs })).from).toBe(to);
  });

  it('is refused without a branch, in the midst of a merge, and where the repository names filters', async () => {
    const { repository, theirs, apply } = await stage();
    await repository.git('checkout', '--quiet', '--detach');
    await expect(apply()).rejects.toMatchObject({ code: 'checkout_detached' });
    await repository.git('checkout', '--quiet', 'main');
    await repository.git('update-ref', 'MERGE_HEAD', theirs);
    await expect(apply()).rejects.toMatchObject({ code: 'checkout_busy' });
    await repository.git('update-ref', '-d', 'MERGE_HEAD');
    await repository.git('config', 'filter.x.smudge', 'touch ran');
    await expect(apply()).rejects.toMatchObject({ code: 'repository_filters' });
  });

  it('runs no hook, and ends what a call that was cut short began', async () => {
    const { repository, theirs, apply } = await stage();
    for (const hook of ['post-merge', 'post-checkout', 'reference-transaction', 'post-index-change']) {
      await repository.write(`.git/hooks/${hook}`, '#!/bin/sh\ntouch ../ran\n');
      await chmod(join(repository.dir, '.git/hooks', hook), 0o755);
    }
    // Files and index are there already, the branch is not.
    await repository.git('-c', 'core.hooksPath=/dev/null', 'read-tree', '-m', '-u', 'HEAD', theirs);
    expect(await apply()).toMatchObject({ to: theirs });
    await expect(stat(join(repository.dir, '../ran'))).rejects.toThrow();
    expect(await repository.git('-c', 'core.hooksPath=/dev/null', 'status', '--porcelain')).toBe('');
  });
});

it('a branch is removed where it stands, and not from under a worktree', async () => {
  const { repository, theirs, git } = await stage();
  const remove = (commit: string) => git.deleteBranch(repository.dir, 'df/work', commit);
  await expect(remove(await repository.git('rev-parse', 'main'))).rejects.toMatchObject({
    code: 'branch_in_use',
  });
  await repository.git('worktree', 'add', '--quiet', '../outside/tree', 'df/work');
  await expect(remove(theirs)).rejects.toMatchObject({ code: 'branch_in_use' });
  await repository.git('worktree', 'remove', '../outside/tree');
  await remove(theirs);
  expect(await repository.git('branch', '--format=%(refname:short)')).toBe('main');
});
