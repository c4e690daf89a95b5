import { chmod, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createGitManager } from '../../../src/git/manager.ts';
import type { TestRepository } from '../../support/repository.ts';
import { snapshot } from '../snapshot.ts';
import { commitOf, stage } from './merge-support.ts';

/** A git that says of `merge-tree` what one before 2.38 says. */
async function oldGit({ env, outside }: TestRepository) {
  const bin = join(outside, 'old');
  await mkdir(bin);
  const real = `PATH=${JSON.stringify(env['PATH'])}; export PATH`;
  await writeFile(
    join(bin, 'git'),
    `#!/bin/sh\n${real}\nfor word; do [ "$word" = merge-tree ] && exit 129; done\nexec git "$@"\n`,
  );
  await chmod(join(bin, 'git'), 0o755);
  return createGitManager({ env: { ...env, PATH: `${bin}:${env['PATH']}` } });
}

const LINES = Array.from({ length: 20 }, (_, n) => `line ${n}\n`);
const edited = (at: number) => LINES.map((line, n) => (n === at ? `changed ${at}\n` : line)).join('');

describe('mergeCommits', () => {
  it('joins both sides in a commit with both parents, and changes no ref and no file', async () => {
    const s = await stage({ 'a.txt': LINES.join(''), 'b.txt': 'b\n' });
    const ours = await s.side('ours', () => s.repository.write('a.txt', edited(0)));
    const theirs = await s.side('theirs', async () => {
      await s.repository.write('a.txt', edited(19));
      await s.repository.write('new/c.txt', 'c\n');
      await rm(join(s.repository.dir, 'b.txt'));
    });
    const unchanged = () => snapshot(s.repository.dir, [/^objects\b/, /^index$/]);
    const before = await unchanged();
    const commit = commitOf(await s.merge(ours, theirs));
    expect(await unchanged()).toEqual(before);
    expect(await s.repository.git('log', '-1', '--format=%P%n%an%n%B', commit)).toBe(
      `${ours} ${theirs}\nTest Owner\nTake the branch\n\nDF-Project: parent\nDF-Step: decision/1/merge\n`,
    );
    expect(await s.repository.git('ls-tree', '-r', '--name-only', commit)).toBe('a.txt\nnew/c.txt');
    const both = edited(0).replace('line 19', 'changed 19');
    expect(`${await s.show(commit, 'a.txt')}\n`).toBe(both);
    expect(await readdir(s.repository.outside)).toEqual([]);
  });

  it('takes the tree of the side that went on when the other stood still', async () => {
    const s = await stage({ 'a.txt': 'a\n' });
    const theirs = await s.side('theirs', () => s.repository.write('a.txt', 'b\n'));
    for (const [ours, other] of [
      [s.base, theirs],
      [theirs, s.base],
      [theirs, theirs],
    ] as const) {
      const commit = commitOf(await s.merge(ours, other));
      expect(await s.show(commit, 'a.txt')).toBe('b');
      expect(await s.repository.git('log', '-1', '--format=%P', commit)).toBe(
        [...new Set([ours, other])].join(' '),
      );
    }
  });

  it('names the files in conflict and makes no commit', async () => {
    const s = await stage({ 'a.txt': 'a\n', 'ä\n.txt': 'a\n', 'gone.txt': 'a\n', 'both.txt': 'a\n' });
    const ours = await s.side('ours', async () => {
      await s.repository.write('a.txt', 'ours\n');
      await s.repository.write('ä\n.txt', 'ours\n');
      await s.repository.write('gone.txt', 'ours\n');
      await s.repository.write('both.txt', 'same\n');
    });
    const theirs = await s.side('theirs', async () => {
      await s.repository.write('a.txt', 'theirs\n');
      await s.repository.write('ä\n.txt', 'theirs\n');
      await rm(join(s.repository.dir, 'gone.txt'));
      await s.repository.write('both.txt', 'same\n');
    });
    for (const git of [s.git, await oldGit(s.repository)]) {
      const result = await s.merge(ours, theirs, undefined, git);
      expect(result).toEqual({ kind: 'conflict', files: expect.any(Array) });
      expect(result.kind === 'conflict' && result.files.sort()).toEqual(['a.txt', 'gone.txt', 'ä\n.txt']);
    }
  });

  it('follows a file that one side renamed and the other changed', async () => {
    const s = await stage({ 'old.txt': LINES.join('') });
    const ours = await s.side('ours', () => s.repository.git('mv', 'old.txt', 'new.txt'));
    const theirs = await s.side('theirs', () => s.repository.write('old.txt', edited(3)));
    await s.repository.git('config', 'merge.renames', 'false');
    const commit = commitOf(await s.merge(ours, theirs));
    expect(await s.repository.git('ls-tree', '-r', '--name-only', commit)).toBe('new.txt');
    expect(await s.show(commit, 'new.txt')).toContain('changed 3');
  });

  it('merges whole files with a git before 2.38, and finds a conflict in one that both changed', async () => {
    const s = await stage({ 'a.txt': LINES.join(''), 'b.txt': 'b\n', d: 'd\n' });
    const old = await oldGit(s.repository);
    const ours = await s.side('ours', () => s.repository.write('a.txt', edited(0)));
    const apart = await s.side('apart', () => s.repository.write('new/b.txt', 'new\n'));
    const same = await s.side('same', () => s.repository.write('a.txt', edited(19)));
    const folder = await s.side('folder', async () => {
      await rm(join(s.repository.dir, 'd'));
      await s.repository.write('d/x', 'x\n');
    });
    const file = await s.side('file', () => s.repository.write('d', 'changed\n'));
    const commit = commitOf(await s.merge(ours, apart, { 'docs/1.md': 'why\n' }, old));
    expect(await s.repository.git('ls-tree', '-r', '--name-only', commit)).toBe(
      'a.txt\nb.txt\nd\ndocs/1.md\nnew/b.txt',
    );
    expect(await s.merge(ours, same, undefined, old)).toEqual({ kind: 'conflict', files: ['a.txt'] });
    expect(await s.merge(file, folder, undefined, old)).toMatchObject({ kind: 'conflict' });
    expect(await s.merge(file, folder)).toMatchObject({ kind: 'conflict' });
  });

  it('adds the given files, byte for byte, and takes nothing away for them', async () => {
    const s = await stage({ 'a.txt': 'a\n', '.gitattributes': '* text eol=crlf\n', file: 'x\n' });
    const theirs = await s.side('theirs', () => s.repository.write('a.txt', 'b\n'));
    const commit = commitOf(await s.merge(s.base, theirs, { 'docs/decisions/0001-ä.md': '# Why\r\n' }));
    expect(await s.show(commit, 'docs/decisions/0001-ä.md')).toBe('# Why\r');
    expect(await s.show(commit, 'a.txt')).toBe('b');
    for (const path of ['file/1.md', '../out.md', '.git/hooks/x', '/etc/x', '']) {
      const refused = s.merge(s.base, theirs, { [path]: 'x' });
      await expect(refused, path).rejects.toMatchObject({ kind: 'failed', code: 'merge_path_taken' });
    }
  });

  it('refuses two histories without a common commit', async () => {
    const s = await stage({ 'a.txt': 'a\n' });
    const tree = await s.repository.git('rev-parse', 'HEAD^{tree}');
    const other = await s.repository.git('commit-tree', '-m', 'other', tree);
    await expect(s.merge(s.base, other)).rejects.toMatchObject({ code: 'unrelated_commits' });
    await expect(s.merge(s.base, 'f'.repeat(40))).rejects.toMatchObject({ code: 'base_branch_missing' });
  });

  it('A42 A45: runs no merge driver, filter or hook, and lets none settle a conflict', async () => {
    const attributes = '* merge=x filter=x diff=x\n*.lock merge=keep\nd.txt !merge\n';
    const s = await stage({
      'a.txt': 'a\n',
      'b.lock': 'a\n',
      'd.txt': 'a\n',
      'c.txt': LINES.join(''),
      '.gitattributes': attributes,
    });
    const canary = join(s.repository.outside, 'canary');
    const ours = await s.side('ours', async () => {
      await s.repository.write('a.txt', 'ours\n');
      await s.repository.write('b.lock', 'ours\n');
      await s.repository.write('d.txt', 'ours\n');
      await s.repository.write('c.txt', edited(0));
    });
    const theirs = await s.side('theirs', async () => {
      await s.repository.write('a.txt', 'theirs\n');
      await s.repository.write('b.lock', 'theirs\n');
      await s.repository.write('d.txt', 'theirs\n');
      await s.repository.write('c.txt', edited(19));
    });
    await writeFile(join(s.repository.dir, '.git/info/attributes'), attributes);
    for (const key of [
      'merge.x.driver',
      'filter.x.clean',
      'filter.x.smudge',
      'filter.x.process',
      'diff.x.textconv',
    ])
      await s.repository.git('config', key, `touch ${canary}`);
    await s.repository.git('config', 'merge.keep.driver', 'true');
    await s.repository.git('config', 'merge.default', 'keep');
    for (const hook of ['pre-merge-commit', 'post-merge', 'reference-transaction', 'prepare-commit-msg']) {
      await writeFile(join(s.repository.dir, '.git/hooks', hook), `#!/bin/sh\ntouch ${canary}\n`);
      await chmod(join(s.repository.dir, '.git/hooks', hook), 0o755);
    }
    const result = await s.merge(ours, theirs);
    expect(result.kind === 'conflict' && result.files.sort()).toEqual(['a.txt', 'b.lock', 'd.txt']);
    expect(await readdir(s.repository.outside)).toEqual([]);
  });

  it('takes links and submodules as what they are', async () => {
    const s = await stage({ 'a.txt': 'a\n' });
    const ours = await s.side('ours', () => symlink('/etc', join(s.repository.dir, 'out')));
    const theirs = await s.side('theirs', async () => {
      await s.repository.write(
        '.gitmodules',
        '[submodule "m"]\n\tpath = m\n\turl = ./m\n\tupdate = !touch x\n',
      );
      await mkdir(join(s.repository.dir, 'm'));
      await s.repository.git('update-index', '--add', '--cacheinfo', `160000,${s.base},m`);
    });
    const commit = commitOf(await s.merge(ours, theirs));
    const rows = await s.repository.git('ls-tree', '-r', commit);
    expect(rows).toMatch(/^120000 blob .*\tout$/m);
    expect(rows).toMatch(new RegExp(`^160000 commit ${s.base}\tm$`, 'm'));
  });
});
