import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { snapshot } from '../snapshot.ts';
import { stage, write } from './advance-support.ts';

describe('advanceBranch', () => {
  it('moves branch, index and files, and does nothing the second time', async () => {
    const s = await stage({
      'a.txt': 'a\n',
      'b.txt': 'b\n',
      'dir/x': 'x\n',
      file: 'f\n',
      run: '#!/bin/sh\n',
    });
    const to = await s.next(async (child) => {
      await write(child, 'a.txt', 'changed\n');
      await rm(join(child, 'b.txt'));
      await rm(join(child, 'dir'), { recursive: true });
      await write(child, 'dir', 'now a file\n');
      await rm(join(child, 'file'));
      await mkdir(join(child, 'file'));
      await write(child, 'file/\n ä', 'new\n');
      await chmod(join(child, 'run'), 0o755);
      await symlink('a.txt', join(child, 'link'));
    });
    for (let round = 0; round < 2; round++) {
      expect(await s.advance(to)).toBe('advanced');
      expect(await s.head()).toBe(to);
      expect(await s.status()).toBe('');
    }
    expect(await s.read('dir')).toBe('now a file\n');
    expect(await s.read('file/\n ä')).toBe('new\n');
    expect(await readlink(join(s.worktree, 'link'))).toBe('a.txt');
    expect(existsSync(join(s.worktree, 'b.txt'))).toBe(false);
    expect(await readdir(join(s.admin, 'dark-factory'))).not.toContain('advance.json');
  });

  it('changes nothing when the branch stands elsewhere or work is not committed', async () => {
    const s = await stage({ 'a.txt': 'a\n', 'b.txt': 'b\n' });
    const to = await s.next((child) => write(child, 'a.txt', 'changed\n'));
    const untouched = async (work: () => Promise<unknown>, answer: string) => {
      await work();
      const before = await snapshot(s.worktree, []);
      const at = await s.head();
      expect(await s.advance(to)).toBe(answer);
      expect(await snapshot(s.worktree, [])).toEqual(before);
      expect(await s.head()).toBe(at);
    };
    await untouched(() => s.put('a.txt', 'edited\n'), 'dirty');
    await untouched(() => s.put('a.txt', ''), 'dirty');
    await untouched(() => rm(join(s.worktree, 'a.txt')), 'dirty');
    await s.put('a.txt', 'a\n');
    await untouched(() => s.put('b.txt', 'edited\n'), 'dirty');
    await s.put('b.txt', 'b\n');
    await untouched(() => s.put('new.txt', 'new\n'), 'dirty');
    await rm(join(s.worktree, 'new.txt'));
    await untouched(
      () => s.repository.gitIn(s.worktree, 'commit', '-q', '--allow-empty', '-m', 'By hand'),
      'moved',
    );
  });

  it('puts the files back when the branch is moved by hand while they are written', async () => {
    const s = await stage({ 'a.txt': 'a\n', 'b.txt': 'b\n', '.gitattributes': 'a.txt filter=slow\n' });
    const to = await s.next(async (child) => {
      await write(child, 'a.txt', 'changed\n');
      await write(child, 'b.txt', 'changed\n');
    });
    const tree = await s.repository.git('rev-parse', 'HEAD^{tree}');
    const byHand = await s.repository.git('commit-tree', '-p', s.base, '-m', 'By hand', tree);
    // A filter of the owner stands in for a person who is that quick.
    const filter = join(s.repository.outside, 'filter');
    await writeFile(filter, `#!/bin/sh\ngit update-ref refs/heads/df/a/1 ${byHand}\nexec cat\n`);
    await chmod(filter, 0o755);
    await s.repository.git('config', '--global', 'filter.slow.smudge', filter);
    expect(await s.advance(to)).toBe('moved');
    expect(await s.head()).toBe(byHand);
    expect(await s.status()).toBe('');
    expect(await s.read('b.txt')).toBe('b\n');
  });

  it('refuses a commit that is no descendant, and a worktree that is gone or on another branch', async () => {
    const s = await stage({ 'a.txt': 'a\n' });
    const to = await s.next((child) => write(child, 'a.txt', 'changed\n'));
    const other = await s.next((child) => write(child, 'a.txt', 'other\n'));
    await expect(s.advance(other, to)).rejects.toMatchObject({ code: 'not_a_descendant' });
    await s.repository.gitIn(s.worktree, 'switch', '--quiet', '--detach');
    await expect(s.advance(to)).rejects.toMatchObject({ code: 'worktree_off_branch' });
    await rm(s.worktree, { recursive: true });
    await expect(s.advance(to)).rejects.toMatchObject({ code: 'worktree_missing' });
  });

  it('A26 worktree-gone: goes on in a worktree that was made again', async () => {
    const s = await stage({ 'a.txt': 'a\n' });
    const to = await s.next((child) => write(child, 'a.txt', 'changed\n'));
    await s.halfWay(to);
    await rm(s.worktree, { recursive: true });
    await s.git.createWorktree({
      repository: s.repository.dir,
      worktree: s.worktree,
      branch: 'df/a/1',
      commit: s.base,
    });
    expect(await s.advance(to)).toBe('advanced');
    expect(await s.read('a.txt')).toBe('changed\n');
  });

  it('A25 stale-index-lock: is kept out by no lock that a killed git left', async () => {
    const s = await stage({ 'a.txt': 'a\n' });
    const to = await s.next((child) => write(child, 'a.txt', 'changed\n'));
    for (const lock of ['index.lock', 'HEAD.lock', 'dark-factory/advance-index.lock'])
      await writeFile(join(s.admin, lock), '');
    await writeFile(join(s.repository.dir, '.git/refs/heads/df/a/1.lock'), '');
    expect(await s.advance(to)).toBe('advanced');
    expect(await s.head()).toBe(to);
  });

  it('goes on where only a part of the files is checked out, and keeps it so', async () => {
    const { repository, worktree, next, advance, status, read } = await stage({
      'a.txt': 'a\n',
      'out/b.txt': 'b\n',
      'out/c.txt': 'c\n',
    });
    const to = await next(async (folder) => {
      for (const path of ['a.txt', 'out/b.txt', 'out/d.txt']) await write(folder, path, 'new\n');
    });
    await repository.gitIn(worktree, 'sparse-checkout', 'set', '--no-cone', '/a.txt');
    expect(await advance(to)).toBe('advanced');
    expect(await read('a.txt')).toBe('new\n');
    expect(await status()).toBe('');
    await expect(read('out/c.txt')).rejects.toThrow('ENOENT');
    expect(await repository.gitIn(worktree, 'ls-files', 'out')).toBe('out/b.txt\nout/c.txt\nout/d.txt');
  });

  // root reads everything.
  it.skipIf(process.getuid?.() === 0)('begins nothing beside a file that cannot be read', async () => {
    const { worktree, admin, next, advance, head, base } = await stage({ 'a.txt': 'a\n', 'b.txt': 'b\n' });
    const to = await next((folder) => write(folder, 'b.txt', 'new\n'));
    await chmod(join(worktree, 'a.txt'), 0o000);
    expect(await advance(to)).toBe('dirty');
    expect(await head()).toBe(base);
    // Or a later commit would end it.
    expect(await readdir(join(admin, 'dark-factory'))).not.toContain('advance.json');
  });

  it('ignored files give way where the commit has files, and stay everywhere else', async () => {
    const s = await stage({ '.gitignore': 'out/\nlink\n' });
    const to = await s.next(async (child) => {
      await mkdir(join(child, 'out'));
      await write(child, 'out/a', 'committed\n');
      await mkdir(join(child, 'link'));
      await write(child, 'link/a', 'committed\n');
    });
    const outside = join(s.repository.outside, 'elsewhere');
    await mkdir(outside);
    await mkdir(join(s.worktree, 'out'));
    await s.put('out/a', 'built\n');
    await s.put('out/b', 'built\n');
    await symlink(outside, join(s.worktree, 'link'));
    expect(await s.advance(to)).toBe('advanced');
    expect(await s.read('out/a')).toBe('committed\n');
    expect(await s.read('out/b')).toBe('built\n');
    expect(await s.read('link/a')).toBe('committed\n');
    expect(await readdir(outside)).toEqual([]);
  });

  it('A46 symlink-out: a link in the worktree leads no file out of it', async () => {
    const s = await stage({ 'conf/a.json': 'a\n' });
    const to = await s.next((child) => write(child, 'conf/a.json', 'changed\n'));
    const outside = join(s.repository.outside, 'elsewhere');
    await mkdir(outside);
    await writeFile(join(outside, 'a.json'), 'a\n');
    await rm(join(s.worktree, 'conf'), { recursive: true });
    await symlink(outside, join(s.worktree, 'conf'));
    expect(await s.advance(to)).toBe('dirty');
    await s.halfWay(to);
    expect(await s.advance(to).catch(({ code }) => code)).toBe('git_failed');
    expect(await readFile(join(outside, 'a.json'), 'utf8')).toBe('a\n');
    expect(await s.head()).toBe(s.base);
  });

  it('A42 A45: what the commit, the repository or the worktree names as a program does not run', async () => {
    const s = await stage({ 'a.txt': 'a\n' });
    const canary = join(s.repository.outside, 'canary');
    const to = await s.next(async (child) => {
      await write(child, '.gitattributes', '* filter=x merge=x diff=x\n');
      await write(child, '.gitmodules', '[submodule "m"]\n\tpath = m\n\turl = ./m\n\tupdate = !touch x\n');
      await write(child, 'a.txt', 'changed\n');
      await mkdir(join(child, 'm'));
      await s.repository.gitIn(child, 'update-index', '--add', '--cacheinfo', `160000,${s.base},m`);
    });
    for (const key of [
      'filter.x.clean',
      'filter.x.smudge',
      'filter.x.process',
      'merge.x.driver',
      'core.fsmonitor',
    ])
      await s.repository.git('config', key, `touch ${canary}`);
    await s.repository.git('config', 'submodule.recurse', 'true');
    for (const hook of ['post-checkout', 'post-index-change', 'reference-transaction', 'post-merge']) {
      await writeFile(join(s.repository.dir, '.git/hooks', hook), `#!/bin/sh\ntouch ${canary}\n`);
      await chmod(join(s.repository.dir, '.git/hooks', hook), 0o755);
    }
    await s.halfWay(to);
    await s.put('a.txt', 'chan');
    expect(await s.advance(to)).toBe('advanced');
    expect(await s.read('a.txt')).toBe('changed\n');
    expect(existsSync(canary)).toBe(false);
  });
});
