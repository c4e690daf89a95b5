import { execFileSync } from 'node:child_process';
import { appendFile, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { branch, openStage, type Stage, workIn } from './commit-stage.ts';

let { repository, git, base, worktree, commit, put, inWorktree, filesOf } = {} as Stage;
beforeEach(async () => {
  ({ repository, git, base, worktree, commit, put, inWorktree, filesOf } = await openStage());
});
afterEach(() => repository.cleanup());

/** Before, git neither knew what was to be forced to the disk nor told what it did. */
const tellsSyncs = !/ 2\.([0-9]|[12][0-9]|3[0-5])\./.test(execFileSync('git', ['--version']).toString());

describe('commitChanges', () => {
  it('commits new, changed, removed and renamed files, and leaves ignored ones out', async () => {
    await put('a.txt', 'changed\n');
    await put('new/deep/c.txt', 'c\n');
    await put('noise.log', 'x');
    await put('build/out.js', 'x');
    await rm(join(worktree, 'dir'), { recursive: true });
    const made = await commit();
    expect(await inWorktree('rev-parse', branch)).toBe(made);
    expect(await inWorktree('rev-parse', 'HEAD~1')).toBe(base);
    expect(await filesOf()).toEqual(['.gitignore', 'a.txt', 'new/deep/c.txt']);
    expect(await inWorktree('status', '--porcelain')).toBe('');
    await inWorktree('fsck', '--strict');
  });

  it('has nothing to commit in a clean worktree', async () => {
    expect(await commit()).toBeNull();
    await put('x', 'x');
    await commit();
    expect(await commit()).toBeNull();
  });

  it('carries trailers that git itself reads', async () => {
    await put('x', 'x');
    await commit('Add x\n\nDF-Task: forged', 'engineer/3/call_1');
    const read = (key: string) => inWorktree('log', '-1', `--format=%(trailers:key=${key},valueonly)`);
    expect((await read('DF-Project')).trim()).toBe('p');
    expect((await read('DF-Step')).trim()).toBe('engineer/3/call_1');
    expect((await read('DF-Task')).trim()).toBe('t');
    const body = await inWorktree('log', '-1', '--format=%B');
    const parsed = execFileSync('git', ['interpret-trailers', '--parse'], {
      input: body,
      env: repository.env,
    });
    expect(parsed.toString()).toBe('DF-Project: p\nDF-Step: engineer/3/call_1\nDF-Task: t\n');
  });

  it('A03 kill-after-commit: answers with the commit that a step has made already', async () => {
    await put('x', '1');
    const first = await commit('One', 'engineer/1/a');
    await put('x', '2');
    const second = await commit('Two', 'engineer/2/a');
    await put('x', '3');
    expect(await commit('One again', 'engineer/1/a')).toBe(first);
    expect(await commit('Two again', 'engineer/2/a')).toBe(second);
    expect(await git.head(repository.dir, worktree)).toBe(second);
    // Another project may have steps of the same name, and `1/a` is not `1/ab`.
    const other = { project: 'q', step: 'engineer/1/a' };
    expect(await git.commitChanges(repository.dir, worktree, 'Other', other)).not.toBe(first);
    await put('x', '4');
    expect(await commit('Longer', 'engineer/1/ab')).not.toBe(first);
  });

  it('does not take an agent’s words for a commit of a step', async () => {
    await put('x', '1');
    await commit('Fake\n\nDF-Project: p\nDF-Step: engineer/9/z', 'engineer/1/a');
    await put('x', '2');
    const made = await commit('Real', 'engineer/9/z');
    expect(await inWorktree('log', '-1', '--format=%s', made ?? '')).toBe('Real');
    expect(await inWorktree('rev-list', '--count', `${base}..HEAD`)).toBe('2');
  });

  const odd = [
    '-m injected',
    '--amend',
    '# only a comment',
    '',
    'a\0b',
    'x'.repeat(100_000),
    '$(touch canary)',
    '\u001b]52;c;x\u0007',
    'Ünïcode 🏭 \ud800',
  ];
  it.each(odd.map((message) => [JSON.stringify(message).slice(0, 40), message]))(
    'A56: takes any message, for example %s',
    async (_, message) => {
      await put('x', 'x');
      expect(await commit(message, 'engineer/1/a')).toMatch(/^[0-9a-f]{40}$/);
      expect(await inWorktree('log', '-1', '--format=%(trailers:key=DF-Step,valueonly)')).toContain(
        'engineer/1/a',
      );
      expect(await inWorktree('log', '-1', '--format=%B')).not.toContain('\u001b');
    },
  );

  it('names the owner as author where git knows them, the factory otherwise', async () => {
    await put('x', '1');
    await commit();
    expect(await inWorktree('log', '-1', '--format=%an <%ae>|%cn <%ce>')).toBe(
      'Test Owner <owner@example.test>|Test Owner <owner@example.test>',
    );
    await writeFile(repository.globalConfig, '[user]\n\tname = Nobody\n');
    await put('x', '2');
    await commit();
    expect(await inWorktree('log', '-1', '--format=%an <%ae>|%cn <%ce>')).toBe(
      'Dark Factory <dark-factory@localhost>|Dark Factory <dark-factory@localhost>',
    );
  });

  it('commits names of any bytes, links as links, and what changed its kind', async () => {
    await writeFile(Buffer.from(`${worktree}/\xff\xfe`, 'latin1'), 'bytes');
    await put('line\nbreak', 'x');
    await put('-rf', 'x');
    await put(':(glob)*', 'x');
    await symlink('/etc/passwd', join(worktree, 'link'));
    await rm(join(worktree, 'a.txt'));
    await put('a.txt/now/a/folder', 'x');
    await rm(join(worktree, 'dir'), { recursive: true });
    await symlink('/etc', join(worktree, 'dir'));
    await commit();
    expect(await inWorktree('status', '--porcelain')).toBe('');
    const tree = await inWorktree('ls-tree', '-r', 'HEAD');
    expect(tree).toMatch(/^120000 .*\tlink$/m);
    expect(tree).toMatch(/^120000 .*\tdir$/m);
    expect(tree).toContain('a.txt/now/a/folder');
    expect(tree).toContain('\\377\\376');
  });

  it('takes a file that became an empty folder as removed', async () => {
    await rm(join(worktree, 'a.txt'));
    await mkdir(join(worktree, 'a.txt'));
    await commit();
    expect(await filesOf()).toEqual(['.gitignore', 'dir/b.txt']);
  });

  it.runIf(tellsSyncs)('has files, commit and branch on the disk before it answers', async () => {
    const events = join(repository.outside, 'events');
    await appendFile(repository.globalConfig, `[trace2]\n\teventTarget = ${events}\n`);
    await git.createBranch(repository.dir, 'df/b/1', base);
    await put('x', 'x');
    const made = (await commit()) ?? '';
    const second = join(repository.outside, 'second');
    await git.createWorktree({
      repository: repository.dir,
      worktree: second,
      branch: 'df/c/1',
      commit: base,
    });
    expect(await git.advanceBranch(repository.dir, second, base, made)).toBe('advanced');
    await git.applyCommit({
      repository: repository.dir,
      commit: made,
      message: 'x',
      trailers: { project: 'p', step: 's' },
      squash: false,
    });
    const rows = (await readFile(events, 'utf8'))
      .trim()
      .split('\n')
      .map((row) => JSON.parse(row));
    const synced = new Set(rows.filter(({ key }) => key === 'fsync/hardware-flush').map(({ sid }) => sid));
    const begun = (command: string) =>
      rows.filter(({ argv }) => argv?.includes(command) && !argv.includes('--info-only'));
    const syncs = (command: string) => begun(command).map(({ sid }) => synced.has(sid));
    expect(syncs('update-ref')).toEqual([true, true, true, true, true]);
    expect(syncs('commit-tree')).toEqual([true]);
    expect(begun('--replace').filter(({ sid }) => synced.has(sid)).length).toBe(1);
  });

  it('commits the files of a repository inside the worktree as ordinary files', async () => {
    for (const name of ['started', 'empty'])
      await repository.git('init', '--quiet', join(worktree, 'app', name));
    await put('app/started/main.ts', 'x');
    await put('app/started/.gitignore', 'node_modules/\n');
    await put('app/started/node_modules/big/index.js', 'x');
    await put('app/started/noise.log', 'x');
    await repository.gitIn(join(worktree, 'app/started'), 'add', '--all');
    await repository.gitIn(join(worktree, 'app/started'), 'commit', '--quiet', '--message=inner');
    await repository.git('init', '--quiet', join(worktree, 'app/started/inner'));
    await put('app/started/inner/deep.txt', 'x');
    await put('app/empty/readme', 'x');
    await commit();
    expect(await filesOf()).toEqual([
      '.gitignore',
      'a.txt',
      'app/empty/readme',
      'app/started/.gitignore',
      'app/started/inner/deep.txt',
      'app/started/main.ts',
      'dir/b.txt',
    ]);
    await put('app/started/main.ts', 'changed');
    await commit();
    expect(await inWorktree('show', 'HEAD:app/started/main.ts')).toBe('changed');
    expect(await commit()).toBeNull();
  });

  it('leaves the commit of a submodule as it is, whatever lies in its folder', async () => {
    const inner = await inWorktree('rev-parse', 'HEAD');
    await repository.git('update-index', '--add', '--cacheinfo', `160000,${inner},lib`);
    await repository.git('commit', '--quiet', '--message=submodule');
    const commitWith = await repository.git('rev-parse', 'HEAD');
    const other = join(repository.outside, 'w2');
    const work = workIn(git, repository, other);
    await git.createWorktree({
      repository: repository.dir,
      worktree: other,
      branch: 'df/b/1',
      commit: commitWith,
    });
    expect(await work.commit()).toBeNull();
    await repository.git('init', '--quiet', join(other, 'lib'));
    await repository.gitIn(join(other, 'lib'), 'commit', '--quiet', '--allow-empty', '--message=planted');
    await work.put('x', 'x');
    await work.commit();
    expect(await work.inWorktree('ls-tree', 'HEAD', 'lib')).toContain(inner);
  });

  it('refuses to commit while somebody switched the worktree to another branch', async () => {
    await inWorktree('checkout', '--quiet', '-b', 'elsewhere');
    await put('x', 'x');
    await expect(commit()).rejects.toMatchObject({ kind: 'failed', code: 'worktree_off_branch' });
    await inWorktree('checkout', '--quiet', '--detach');
    await expect(commit()).rejects.toMatchObject({ code: 'worktree_off_branch' });
    expect(await repository.git('rev-parse', branch)).toBe(base);
  });

  it('does not commit the emptiness of a worktree that was removed', async () => {
    await rm(worktree, { recursive: true });
    await mkdir(worktree);
    await expect(commit()).rejects.toMatchObject({ code: 'worktree_missing' });
  });

  it('commits one after the other when it is asked at once', async () => {
    await put('x', 'x');
    const made = await Promise.all(['a', 'b', 'a'].map((call) => commit('At once', `engineer/1/${call}`)));
    expect(made.filter((hash) => hash !== null).length).toBe(2);
    expect(await inWorktree('rev-list', '--count', `${base}..HEAD`)).toBe('1');
  });
});
