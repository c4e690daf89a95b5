import { appendFile, chmod, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commitChanges } from '../../../src/git/commit/commit.ts';
import { createGit } from '../../../src/git/run/git.ts';
import { DarkFactoryError } from '../../../src/lib/failure.ts';
import { openStage, type Stage } from './commit-stage.ts';

let { repository, git, worktree, notes, commit, put, filesOf } = {} as Stage;
beforeEach(async () => {
  ({ repository, git, worktree, notes, commit, put, filesOf } = await openStage());
});
afterEach(() => repository.cleanup());

describe('files that git refuses', () => {
  it('skips a name that git cannot hold, says so, and commits the rest', async () => {
    await put('git~1', 'x');
    await put('good.txt', 'x');
    await commit();
    expect(await filesOf()).toContain('good.txt');
    expect(await filesOf()).not.toContain('git~1');
    expect(notes.join()).toContain('git~1');
  });

  const owner = (text: string) => appendFile(repository.globalConfig, text);
  const refusals: [string, () => Promise<unknown>, string][] = [
    [
      'an encoding that it does not have',
      () => put('.gitattributes', '*.odd working-tree-encoding=UTF-16\n*out working-tree-encoding=UTF-16\n'),
      'BOM is required',
    ],
    ['line ends, by core.safecrlf', () => owner('[core]\n\tautocrlf = input\n\tsafecrlf = true\n'), 'CRLF'],
    [
      'a filter that cannot run',
      async () => {
        await put('.gitattributes', '*.odd filter=lfs\n*out filter=lfs\n');
        await owner('[filter "lfs"]\n\tclean = no-such-program clean\n\trequired\n');
      },
      "clean filter 'lfs' failed",
    ],
  ];
  it.each(refusals)(
    'A162 refused-file: commits all but a file that git refuses for %s',
    async (_, make, why) => {
      await make();
      for (let index = 0; index < 8; index++) await put(`good-${index}.txt`, 'x\n');
      const odd = ['odd\u0007.odd', 'dir/No space left on device.odd', 'dir/x: Connection timed out'];
      for (const path of odd) await put(path, 'x\r\n');
      expect(await commit()).not.toBeNull();
      const files = await filesOf();
      expect(files.filter((path) => path.startsWith('good-')).length).toBe(8);
      expect(files.filter((path) => odd.includes(path))).toEqual([]);
      expect(notes.filter((note) => note.includes(why)).length).toBe(3);
      // And what is under way there is seen.
      expect(await git.treeHash(repository.dir, worktree)).toMatch(/^[0-9a-f]{64}$/);
    },
  );

  it('A162 refused-file: tells the agent of many, and keeps all others at the end', async () => {
    await put('.gitattributes', '*.odd working-tree-encoding=UTF-16\n');
    for (let index = 0; index <= 50; index++) await put(`${index}.odd`, 'x\n');
    await put('z.txt', 'x\n');
    await expect(commit()).rejects.toMatchObject({
      code: 'unreadable_files',
      message: expect.stringContaining('BOM is required'),
    });
    const trailers = { project: 'p', step: 'end/1' };
    const end = git.commitChanges(repository.dir, worktree, 'End', trailers, undefined, () => {});
    // These are nowhere else: the worktree is not to go.
    await expect(end).rejects.toMatchObject({ code: 'worktree_unsaved' });
    expect(await filesOf()).toContain('z.txt');
  });

  it('A162 refused-file: nothing counts as unsaved that a second attempt at the commit takes', async () => {
    await put('.gitattributes', '*.odd working-tree-encoding=UTF-16\n');
    await put('a.odd', 'x\n');
    let attempts = 0;
    const scan = async () => {
      attempts += 1;
      if (attempts > 1) return [];
      await writeFile(join(worktree, 'a.odd'), Buffer.from('\ufeffx\n', 'utf16le'));
      throw new DarkFactoryError('failed', 'git_failed', 'git could not read a file', 'Look.');
    };
    const order = { message: 'End', trailers: { project: 'p', step: 'end/1' }, signing: null };
    const told = { onNote: () => {}, onUnreadable: () => {} };
    await commitChanges(createGit({ env: repository.env }), {
      ...{ repository: repository.dir, worktree, scan },
      ...order,
      ...told,
    });
    expect(await filesOf()).toContain('a.odd');
  });

  it('A188 opens a worktree that its agent closed, and commits what is in it', async () => {
    await put('z.txt', 'x\n');
    await chmod(worktree, 0o000);
    expect(await git.treeHash(repository.dir, worktree)).toMatch(/^[0-9a-f]{64}$/);
    await chmod(worktree, 0o000);
    expect(await commit()).not.toBeNull();
    expect(await filesOf()).toContain('z.txt');
    expect((await stat(worktree)).mode & 0o777).toBe(0o700);
    await chmod(worktree, 0o000);
    expect(await git.holdsWork(repository.dir, worktree)).toBe(true);
  });

  // root reads everything.
  it.skipIf(process.getuid?.() === 0)(
    'A162 refused-file: a closed folder with many files is told, and keeps nothing else from being kept at the end',
    async () => {
      for (let index = 0; index <= 60; index++) await put(`dir/closed/${index}`, 'x\n');
      expect(await commit()).not.toBeNull();
      const closed = join(worktree, 'dir/closed');
      await put('unread\u0007able', 'x\n');
      await chmod(join(worktree, 'unread\u0007able'), 0o000);
      await put('z.txt', 'x\n');
      await chmod(closed, 0o000);
      try {
        await expect(commit()).rejects.toMatchObject({ code: 'unreadable_files' });
        expect(await git.treeHash(repository.dir, worktree)).toMatch(/^[0-9a-f]{64}$/);
        const trailers = { project: 'p', step: 'end/1' };
        await git.commitChanges(repository.dir, worktree, 'End', trailers, undefined, () => {});
      } finally {
        await chmod(closed, 0o755);
      }
      const files = await filesOf();
      expect(files).toContain('z.txt');
      expect(files).not.toContain('unread\u0007able');
      expect(files.filter((path) => path.startsWith('dir/closed/')).length).toBe(61);
    },
  );
});
