import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createGitManager } from '../../src/git/manager.ts';
import { makeRepository } from '../support/repository.ts';
import { snapshot } from './snapshot.ts';

/** A parent's worktree at the base, and a way to make the commit that it is to advance to. */
async function stage(files: Record<string, string>) {
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

const write = (folder: string, path: string, content: string) => writeFile(join(folder, path), content);

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

describe('an advance that was killed half-way', () => {
  const FILES = {
    'a.txt': 'a\n',
    'b.txt': 'b\n',
    'c.txt': 'c\n',
    'd.txt': 'd\n',
    '.gitattributes': '*.crlf eol=crlf\n',
  };
  const change = async (child: string) => {
    await write(child, 'a.txt', 'changed a\n');
    await write(child, 'b.txt', 'changed b\n');
    await rm(join(child, 'c.txt'));
    await write(child, 'new.crlf', 'one\r\ntwo\r\n');
  };

  it('is ended, with a file that was cut short and one that was taken away only', async () => {
    const s = await stage(FILES);
    const to = await s.next(change);
    await s.halfWay(to);
    await s.put('a.txt', 'chang');
    await rm(join(s.worktree, 'b.txt'));
    await s.put('new.crlf', 'one\r\nt');
    expect(await s.advance(to)).toBe('advanced');
    expect(await s.read('a.txt')).toBe('changed a\n');
    expect(await s.read('new.crlf')).toBe('one\r\ntwo\r\n');
    expect(await s.status()).toBe('');
    expect(await s.head()).toBe(to);
  });

  it('is left alone when somebody changed a file meanwhile', async () => {
    const s = await stage(FILES);
    const to = await s.next(change);
    await s.halfWay(to);
    await s.put('a.txt', 'by hand\n');
    expect(await s.advance(to)).toBe('dirty');
    await s.put('a.txt', 'a\n');
    await s.put('d.txt', 'by hand\n');
    expect(await s.advance(to)).toBe('dirty');
    expect(await s.read('d.txt')).toBe('by hand\n');
    expect(await s.head()).toBe(s.base);
    await s.put('d.txt', 'd\n');
    await s.put('mine.txt', 'by hand\n');
    expect(await s.advance(to)).toBe('advanced');
    expect(await s.read('mine.txt')).toBe('by hand\n');
    expect(await s.status()).toBe('?? mine.txt');
  });

  it('makes way for one to another commit', async () => {
    const s = await stage(FILES);
    const first = await s.next(change);
    const second = await s.next((child) => write(child, 'd.txt', 'second\n'));
    await s.halfWay(first);
    await s.put('a.txt', 'changed a\n');
    await s.put('new.crlf', 'one\r\n');
    expect(await s.advance(second)).toBe('advanced');
    expect(await s.read('a.txt')).toBe('a\n');
    expect(existsSync(join(s.worktree, 'new.crlf'))).toBe(false);
    expect(await s.status()).toBe('');
  });

  it('is ended before anything is committed, so that no half of it is taken for work', async () => {
    const s = await stage(FILES);
    const to = await s.next(change);
    await s.halfWay(to);
    await s.put('a.txt', 'changed a\n');
    const trailers = { project: 'p', step: 'engineer/1/a' };
    expect(await s.git.commitChanges(s.repository.dir, s.worktree, 'x', trailers)).toBeNull();
    expect(await s.head()).toBe(to);
    expect(await s.status()).toBe('');
  });

  it('is forgotten when the branch went on by hand', async () => {
    const s = await stage(FILES);
    const to = await s.next(change);
    await s.halfWay(to);
    await s.repository.gitIn(s.worktree, 'commit', '-q', '--allow-empty', '-m', 'By hand');
    const by = await s.head();
    expect(await s.advance(to)).toBe('moved');
    expect(await s.head()).toBe(by);
    expect(await s.status()).toBe('');
    expect(existsSync(join(s.admin, 'dark-factory/advance.json'))).toBe(false);
  });
});
