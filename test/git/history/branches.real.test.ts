import { describe, expect, it } from 'vitest';
import { createGitManager } from '../../../src/git/manager.ts';
import { commitOf, stage } from '../merge/merge-support.ts';

describe('branches beside each other', () => {
  it('A27 A57: a child is named beside its parent, and git can make it', async () => {
    const s = await stage({ 'a.txt': 'a\n' });
    const parent = 'df/feature-auth/2025-12-26';
    await s.repository.git('branch', parent);
    const next = (context: string, ...taken: string[]) =>
      s.git.generateChildBranchName(s.repository.dir, parent, context, new Set(taken));
    expect(await next('Use Redis')).toBe(`${parent}--use-redis`);
    expect(await next('Use Redis', `${parent}--use-redis`)).toBe(`${parent}--use-redis-2`);
    const hostile = [
      '--upload-pack=x',
      '-d',
      'a..b',
      'x.lock',
      '@{-1}',
      '',
      '..',
      '🏭',
      'a\0\nb',
      'x'.repeat(10_000),
    ];
    for (const context of hostile) {
      const name = await next(context);
      await s.repository.git('branch', name);
      expect(await s.git.branchHead(s.repository.dir, name), context).toBe(s.base);
    }
  });

  it('branchHead knows branches and nothing else', async () => {
    const s = await stage({ 'a.txt': 'a\n' });
    await s.repository.git('tag', 'v1');
    expect(await s.git.branchHead(s.repository.dir, 'main')).toBe(s.base);
    const others = [
      'v1',
      'HEAD',
      'main^{tree}',
      '@{-1}',
      '../tags/v1',
      '--help',
      '',
      'ma*',
      'main\0x',
      'x'.repeat(1e6),
    ];
    for (const name of [...others, s.base])
      expect(await s.git.branchHead(s.repository.dir, name), name.slice(0, 20)).toBeNull();
  });

  it('a branch in a file of its own is read from it, a packed one by git, and one that points to another too', async () => {
    const s = await stage({ 'a.txt': 'a\n' });
    const { dir, git } = s.repository;
    const without = createGitManager({ env: { ...s.repository.env, PATH: '/nowhere' } });
    const answers = async () => [
      await s.git.branchHead(dir, 'main'),
      await without.branchHead(dir, 'main').catch((error) => error.code),
    ];
    expect(await answers()).toEqual([s.base, s.base]);
    await git('pack-refs', '--all');
    expect(await answers()).toEqual([s.base, 'git_missing']);
    await git('symbolic-ref', 'refs/heads/other', 'refs/heads/main');
    expect(await s.git.branchHead(dir, 'other')).toBe(s.base);
    await git('update-ref', '-d', 'refs/heads/main');
    expect(await answers()).toEqual([null, 'git_missing']);
  });

  it('are compared like any two commits', async () => {
    const s = await stage({ 'a.txt': 'a\n', 'b\tb.txt': 'b\n' });
    const left = await s.side('left', () => s.repository.write('a.txt', '1\n2\n'));
    const right = await s.side('right', async () => {
      await s.repository.write('b\tb.txt', 'changed\n');
      await s.repository.write('bin', 'a\0b');
    });
    const { dir } = s.repository;
    expect(await s.git.diffStat(dir, left, right)).toEqual([
      { path: 'a.txt', insertions: 1, deletions: 2 },
      { path: 'b\tb.txt', insertions: 1, deletions: 1 },
      { path: 'bin', insertions: 0, deletions: 0, binary: true },
    ]);
    expect(await s.git.diffFigures(dir, left, right)).toEqual({
      commits: 1,
      files: 3,
      insertions: 2,
      deletions: 3,
    });
    expect(await s.git.changedFiles(dir, left, right)).toEqual(['a.txt', 'b\tb.txt', 'bin']);
    expect(await s.git.log(dir, left, right, 5)).toEqual([{ hash: right, subject: 'right' }]);
    expect(await s.git.history(dir, left, right)).toEqual([
      { hash: right, task: null, step: null, files: ['b\tb.txt', 'bin'] },
    ]);
    const merged = commitOf(await s.merge(left, right, { 'docs/1.md': 'why\n' }));
    expect((await s.git.history(dir, left, merged)).map(({ hash }) => hash)).toEqual([right, merged]);
    expect((await s.git.diffStat(dir, left, merged)).map(({ path }) => path)).toEqual([
      'b\tb.txt',
      'bin',
      'docs/1.md',
    ]);
  });
});
