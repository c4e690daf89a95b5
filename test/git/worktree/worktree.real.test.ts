import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { branch, openStage, type Stage, step } from './worktree-stage.ts';

let { repository, git, commit, worktree, create } = {} as Stage;
beforeEach(async () => {
  ({ repository, git, commit, worktree, create } = await openStage());
});
afterEach(() => repository.cleanup());

const admin = () => join(repository.dir, '.git/worktrees/project-1');

describe('createWorktree', () => {
  it('makes branch and worktree from the commit, on the branch, complete and valid', async () => {
    await create();
    expect((await readdir(worktree)).sort()).toEqual(['.git', 'a.txt', 'dir']);
    expect(await repository.gitIn(worktree, 'rev-parse', '--abbrev-ref', 'HEAD')).toBe(branch);
    expect(await repository.gitIn(worktree, 'status', '--porcelain')).toBe('');
    expect(await git.validateWorktree(repository.dir, worktree)).toBe(true);
    expect(await git.head(repository.dir, worktree)).toBe(commit);
  });

  it('is harmless when everything is there: work in the worktree stays', async () => {
    await create();
    await writeFile(join(worktree, 'a.txt'), 'changed\n');
    await create();
    expect(await readFile(join(worktree, 'a.txt'), 'utf8')).toBe('changed\n');
  });

  it('goes on from a branch that was made before a crash', async () => {
    await repository.git('branch', branch, commit);
    await create();
    expect(await git.validateWorktree(repository.dir, worktree)).toBe(true);
  });

  it('makes a half-made worktree again', async () => {
    await repository.git('branch', branch, commit);
    await repository.git('worktree', 'add', '--quiet', '--no-checkout', worktree, branch);
    await writeFile(join(worktree, 'a.txt'), 'torn');
    await writeFile(join(admin(), 'locked'), 'initializing');
    await create();
    expect(await readFile(join(worktree, 'a.txt'), 'utf8')).toBe('a\n');
    expect(await git.validateWorktree(repository.dir, worktree)).toBe(true);
  });

  it('A25: passes the lock of a branch, and the `.git` of a folder, that a killed git left', async () => {
    await mkdir(join(repository.dir, '.git/refs/heads/df/a'), { recursive: true });
    await writeFile(join(repository.dir, `.git/refs/heads/${branch}.lock`), '');
    await mkdir(worktree, { recursive: true });
    await writeFile(join(worktree, '.git'), `gitdir: ${admin()}\n`);
    await create();
    expect(await git.validateWorktree(repository.dir, worktree)).toBe(true);
    expect(await repository.gitIn(worktree, 'status', '--porcelain')).toBe('');
  });

  it('A26 worktree-gone: makes a folder that was deleted by hand again, with its commits', async () => {
    await create();
    await writeFile(join(worktree, 'work.txt'), 'done\n');
    const work = await git.commitChanges(repository.dir, worktree, 'Work', step('e/1/a'));
    await rm(worktree, { recursive: true });
    expect(await git.validateWorktree(repository.dir, worktree)).toBe(false);
    await expect(git.commitChanges(repository.dir, worktree, 'x', step('e/2/a'))).rejects.toMatchObject({
      code: 'worktree_missing',
    });
    await expect(git.treeHash(repository.dir, worktree)).rejects.toMatchObject({ code: 'worktree_missing' });
    await create();
    expect(await readFile(join(worktree, 'work.txt'), 'utf8')).toBe('done\n');
    expect(await git.head(repository.dir, worktree)).toBe(work);
    expect(await git.validateWorktree(repository.dir, worktree)).toBe(true);
  });

  it('A26 worktree-gone: makes one whose folder somebody emptied again, so that nothing counts as deleted', async () => {
    await create();
    await rm(worktree, { recursive: true });
    await mkdir(worktree);
    expect(await git.validateWorktree(repository.dir, worktree)).toBe(false);
    await create();
    expect(await git.commitChanges(repository.dir, worktree, 'x', step('e/1/a'))).toBeNull();
    expect((await readdir(worktree)).sort()).toEqual(['.git', 'a.txt', 'dir']);
    // What an agent removes itself stays removed.
    for (const name of ['a.txt', 'dir']) await rm(join(worktree, name), { recursive: true });
    await create();
    expect(await readdir(worktree)).toEqual(['.git']);
  });

  it('keeps uncommitted work when only the registration was removed', async () => {
    await create();
    await writeFile(join(worktree, 'a.txt'), 'mine\n');
    await writeFile(join(worktree, 'new.txt'), 'new\n');
    await rm(admin(), { recursive: true });
    await create();
    expect(await readFile(join(worktree, 'a.txt'), 'utf8')).toBe('mine\n');
    expect(await repository.gitIn(worktree, 'status', '--porcelain')).toBe(' M a.txt\n?? new.txt');
    expect(await git.validateWorktree(repository.dir, worktree)).toBe(true);
    expect(await readdir(join(repository.outside, 'worktrees'))).toEqual(['project-1']);
  });

  it('does not lose that work when it was interrupted over it', async () => {
    await create();
    await writeFile(join(worktree, 'new.txt'), 'new\n');
    await rm(admin(), { recursive: true });
    await rename(worktree, `${worktree}.kept`);
    await create();
    expect(await readFile(join(worktree, 'new.txt'), 'utf8')).toBe('new\n');
    expect(await git.validateWorktree(repository.dir, worktree)).toBe(true);
  });

  it.each(['removed', 'rewritten', 'a folder', 'a link'])(
    'A44 gitfile-rewrite: fixes a .git file that is %s',
    async (how) => {
      await create();
      const link = join(worktree, '.git');
      await rm(link);
      if (how === 'rewritten') await writeFile(link, 'gitdir: /nowhere\n');
      if (how === 'a folder') await repository.git('init', '--quiet', worktree);
      if (how === 'a link') await symlink('/etc/passwd', link);
      expect(await git.validateWorktree(repository.dir, worktree)).toBe(false);
      await create();
      expect(await readFile(link, 'utf8')).toBe(`gitdir: ${admin()}\n`);
      expect(await git.validateWorktree(repository.dir, worktree)).toBe(true);
    },
  );

  it('makes twenty worktrees of one repository at once', async () => {
    const numbers = Array.from({ length: 20 }, (_, index) => index);
    const place = (number: number) => join(repository.outside, `w${number}`);
    await Promise.all(numbers.map((n) => create({ worktree: place(n), branch: `df/w/${n}` })));
    for (const n of numbers) expect(await git.validateWorktree(repository.dir, place(n))).toBe(true);
    await Promise.all(numbers.map((n) => git.deleteWorktree(repository.dir, place(n))));
    expect(await repository.git('worktree', 'list', '--porcelain')).not.toContain('w1');
    expect(await readdir(join(repository.dir, '.git'))).not.toContain('dark-factory');
  });

  it('refuses what it cannot do, in words', async () => {
    await expect(create({ branch: '--upload-pack=x' })).rejects.toMatchObject({ code: 'unsafe_branch_name' });
    await expect(create({ branch: 'df/../x' })).rejects.toMatchObject({ code: 'unsafe_branch_name' });
    await expect(create({ commit: '0'.repeat(40) })).rejects.toMatchObject({ code: 'commit_missing' });
    await expect(create({ commit: '--help' })).rejects.toMatchObject({ code: 'commit_missing' });
    await expect(create({ repository: repository.outside })).rejects.toMatchObject({
      code: 'not_a_repository',
    });
    await repository.git('checkout', '--quiet', '-b', branch);
    await expect(create()).rejects.toMatchObject({ code: 'branch_checked_out' });
    await repository.git('checkout', '--quiet', '--orphan', 'other');
    await repository.git('commit', '--quiet', '--message=unrelated');
    await repository.git('branch', 'df/b/1');
    await expect(create({ branch: 'df/b/1' })).rejects.toMatchObject({ code: 'branch_taken' });
    expect(await readdir(join(repository.dir, '.git'))).not.toContain('dark-factory');
  });

  it('leaves a worktree of the owner at that place alone', async () => {
    await repository.git('worktree', 'add', '--quiet', '-b', 'mine', worktree);
    await writeFile(join(worktree, 'mine.txt'), 'precious');
    await expect(create()).rejects.toMatchObject({ code: 'worktree_taken' });
    await expect(git.deleteWorktree(repository.dir, worktree)).rejects.toMatchObject({
      code: 'not_a_worktree',
    });
    expect(await readFile(join(worktree, 'mine.txt'), 'utf8')).toBe('precious');
  });
});

describe('deleteWorktree', () => {
  it('A102: never shows a folder of half the files, which would be committed as deleted after a crash', async () => {
    await create();
    const files = Array.from({ length: 2_000 }, (_, n) => `${n}.txt`);
    for (const file of files) await writeFile(join(worktree, file), '');
    await git.commitChanges(repository.dir, worktree, 'Many', step('e/1/a'));
    const whole = (await readdir(worktree)).length;
    let over = false;
    const removal = git.deleteWorktree(repository.dir, worktree).finally(() => {
      over = true;
    });
    const seen = new Set<number>();
    while (!over) seen.add((await readdir(worktree).catch(() => [])).length);
    await removal;
    expect([...seen].filter((count) => count !== whole && count !== 0)).toEqual([]);
  });

  it('A102: what a crash left of one that was removed is no work of anybody, and goes', async () => {
    await create();
    await mkdir(`${worktree}.gone`);
    await writeFile(join(`${worktree}.gone`, 'b.txt'), 'b\n');
    await rm(worktree, { recursive: true });
    expect(await git.holdsWork(repository.dir, worktree)).toBe(false);
    await git.deleteWorktree(repository.dir, worktree);
    expect(await readdir(join(worktree, '..'))).toEqual([]);
  });

  it('removes worktree and registration and keeps the branch', async () => {
    await create();
    await writeFile(join(worktree, 'x'), 'x');
    const work = await git.commitChanges(repository.dir, worktree, 'Work', step('e/1/a'));
    await git.deleteWorktree(repository.dir, worktree);
    expect(await readdir(join(repository.outside, 'worktrees'))).toEqual([]);
    expect(await repository.git('worktree', 'list')).not.toContain('project-1');
    expect(await repository.git('rev-parse', branch)).toBe(work);
  });

  it('is harmless when the folder, the registration, or all is gone', async () => {
    await create();
    await rm(worktree, { recursive: true });
    await git.deleteWorktree(repository.dir, worktree);
    await git.deleteWorktree(repository.dir, worktree);
    await create();
    await rm(admin(), { recursive: true });
    await git.deleteWorktree(repository.dir, worktree);
    expect(await readdir(join(repository.outside, 'worktrees'))).toEqual([]);
    expect(await repository.git('config', '--list')).not.toContain('worktreeconfig');
  });

  it('works when the repository itself is gone', async () => {
    await create();
    await rm(repository.dir, { recursive: true });
    await git.deleteWorktree(repository.dir, worktree);
    expect(await readdir(join(repository.outside, 'worktrees'))).toEqual([]);
  });

  it('never removes what the factory did not make', async () => {
    const precious = join(repository.outside, 'precious');
    await mkdir(precious);
    await writeFile(join(precious, 'x'), 'x');
    for (const folder of [precious, repository.dir, join(repository.dir, '.git'), repository.outside, '/'])
      await expect(git.deleteWorktree(repository.dir, folder), folder).rejects.toMatchObject({
        code: 'not_a_worktree',
      });
    expect(await readdir(precious)).toEqual(['x']);
  });
});
