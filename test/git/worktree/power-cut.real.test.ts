import { readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stage as mergeStage, write } from '../merge/advance-support.ts';
import { openStage } from '../commit/commit-stage.ts';

/** What is left of a file that was never forced to the disk. */
const harms: Record<string, (file: string) => Promise<void>> = {
  empty: (file) => truncate(file, 0),
  cut: (file) => truncate(file, 40),
  'full of NUL': async (file) => writeFile(file, Buffer.alloc((await stat(file)).size)),
};

/** A worktree with work in it that is not committed, an ignored file that is, and the path of its registration. */
async function harmed(file: string, how: string) {
  const stage = await openStage();
  const { repository, commit, put } = stage;
  await put('kept.log', 'ignored, and committed all the same\n');
  await stage.inWorktree('add', '--force', 'kept.log');
  await stage.inWorktree('commit', '--quiet', '--message=By hand');
  await put('one.txt', 'one\n');
  await commit();
  await put('two.txt', 'two\n');
  const admin = join(repository.dir, '.git/worktrees/w');
  await harms[how]?.(join(admin, file));
  return { ...stage, admin };
}

const ALL = ['.gitignore', 'a.txt', 'dir/b.txt', 'kept.log', 'one.txt', 'two.txt'];

describe('A181 power-cut: a file of a worktree that was not on the disk yet', () => {
  it.each(Object.keys(harms))(
    'an index that is %s is made anew, and the next commit has all',
    async (how) => {
      const s = await harmed('index', how);
      try {
        expect(await s.git.treeHash(s.repository.dir, s.worktree)).toMatch(/^[0-9a-f]{64}$/);
        expect(await s.commit()).not.toBeNull();
        expect(await s.filesOf()).toEqual(ALL);
        expect(await s.inWorktree('status', '--porcelain')).toBe('');
      } finally {
        await s.repository.cleanup();
      }
    },
  );

  it.each(['empty', 'full of NUL'])(
    'the two indexes of a worktree that are %s are both made anew',
    async (how) => {
      const s = await harmed('index', how);
      try {
        await writeFile(join(s.admin, 'dark-factory/tree-index'), await readFile(join(s.admin, 'index')));
        const seen = await s.git.treeHash(s.repository.dir, s.worktree);
        await s.commit();
        expect(await s.git.treeHash(s.repository.dir, s.worktree)).toBe(seen);
      } finally {
        await s.repository.cleanup();
      }
    },
  );

  it('a merge arrives beside a damaged index', async () => {
    const s = await mergeStage({ 'a.txt': 'a\n', 'b.txt': 'b\n' });
    const to = await s.next((folder) => write(folder, 'b.txt', 'new\n'));
    await truncate(join(s.admin, 'index'), 0);
    expect(await s.advance(to)).toBe('advanced');
    expect(await s.read('b.txt')).toBe('new\n');
    expect(await s.status()).toBe('');
  });

  it.each(
    ['HEAD', 'commondir'].flatMap((file) => ['empty', 'full of NUL'].map((how) => [file, how] as const)),
  )(
    '%s that is %s makes the worktree one to prepare again, which keeps the work; the last commit needs no such thing',
    async (file, how) => {
      const s = await harmed(file, how);
      const { repository, worktree, git, base } = s;
      try {
        expect(await git.validateWorktree(repository.dir, worktree)).toBe(false);
        await expect(git.treeHash(repository.dir, worktree)).rejects.toMatchObject({
          code: 'worktree_missing',
        });
        await git.createWorktree({
          repository: repository.dir,
          worktree,
          branch: 'df/a/2026-11-22',
          commit: base,
        });
        expect(await git.validateWorktree(repository.dir, worktree)).toBe(true);
        await harms[how]?.(join(s.admin, file));
        expect(await s.commit()).not.toBeNull();
        expect(await s.filesOf()).toEqual(ALL);
      } finally {
        await repository.cleanup();
      }
    },
  );

  it('an index of which a part alone is checked out is not made anew, for the rest would look deleted', async () => {
    const s = await openStage();
    try {
      await s.inWorktree('sparse-checkout', 'set', '--no-cone', '/a.txt');
      const before = await s.filesOf();
      await truncate(join(s.repository.dir, '.git/worktrees/w/index'), 0);
      await s.put('two.txt', 'two\n');
      await expect(s.commit()).rejects.toMatchObject({ code: 'git_failed' });
      expect(await s.filesOf()).toEqual(before);
    } finally {
      await s.repository.cleanup();
    }
  });

  it.each([
    ['with its hash', null],
    ['without one, as index.skipHash has it', 'index.skipHash'],
    ['without one, as feature.manyFiles has it', 'feature.manyFiles'],
  ])(
    'a sound index %s stays as it is, with what its owner staged in it, where git fails at something else',
    async (_, key) => {
      const s = await openStage();
      try {
        const index = join(s.repository.dir, '.git/worktrees/w/index');
        await s.put('staged.txt', 'x\n');
        await s.inWorktree('add', 'staged.txt');
        if (key !== null) {
          await s.repository.git('config', key, 'true');
          const bytes = await readFile(index);
          await writeFile(index, bytes.fill(0, bytes.length - 20));
        }
        const before = await readFile(index);
        await writeFile(
          join(s.repository.dir, '.git/worktrees/w/dark-factory/advance.json'),
          JSON.stringify({ from: s.base, to: '1'.repeat(40), over: [] }),
        );
        await expect(s.commit()).rejects.toMatchObject({ code: 'git_failed' });
        expect((await readFile(index)).equals(before)).toBe(true);
      } finally {
        await s.repository.cleanup();
      }
    },
  );
});
