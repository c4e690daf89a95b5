import { chmod, chown, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createGitManager } from '../../../src/git/manager.ts';
import { makeRepository, type RepositoryOptions, type TestRepository } from '../../support/repository.ts';

const made: TestRepository[] = [];
async function setUp(options?: RepositoryOptions) {
  const repository = await makeRepository(options);
  made.push(repository);
  return { repository, git: createGitManager({ env: repository.env }) };
}
afterEach(async () => {
  await Promise.all(made.splice(0).map((repository) => repository.cleanup()));
});

describe('inspectRepository', () => {
  it('finds the top of the checkout from a folder inside it', async () => {
    const { repository, git } = await setUp({ files: { 'src/deep/a.txt': 'a' } });
    expect(await git.inspectRepository(join(repository.dir, 'src/deep'))).toEqual({
      root: repository.dir,
      commonDir: join(repository.dir, '.git'),
      branch: 'main',
      dirty: false,
    });
  });

  it('mentions changes that are not committed', async () => {
    const { repository, git } = await setUp();
    await repository.write('new.txt', 'x');
    expect((await git.inspectRepository(repository.dir)).dirty).toBe(true);
  });

  it('takes a detached HEAD', async () => {
    const { repository, git } = await setUp();
    await repository.git('checkout', '--quiet', '--detach');
    expect((await git.inspectRepository(repository.dir)).branch).toBeNull();
  });

  it('takes a worktree of a repository, and names the git dir they share', async () => {
    const { repository, git } = await setUp();
    const other = join(repository.outside, 'other');
    await repository.git('worktree', 'add', '--quiet', '-b', 'side', other);
    expect(await git.inspectRepository(other)).toEqual({
      root: other,
      commonDir: join(repository.dir, '.git'),
      branch: 'side',
      dirty: false,
    });
  });

  it('says what is wrong with a folder that cannot serve', async () => {
    const { repository, git } = await setUp({ files: {} });
    const at = (folder: string) => git.inspectRepository(folder);
    await expect(at(repository.dir)).rejects.toMatchObject({ kind: 'usage', code: 'no_commits' });
    await expect(at(repository.outside)).rejects.toMatchObject({ kind: 'usage', code: 'not_a_repository' });
    await expect(at(join(repository.outside, 'no'))).rejects.toMatchObject({ code: 'not_a_repository' });
    await expect(at(repository.globalConfig)).rejects.toMatchObject({ code: 'not_a_repository' });
    await expect(at(join(repository.dir, '.git'))).rejects.toMatchObject({ code: 'not_a_repository' });
    const bare = join(repository.outside, 'bare.git');
    await repository.git('init', '--quiet', '--bare', bare);
    await expect(at(bare)).rejects.toMatchObject({ kind: 'usage', code: 'bare_repository' });
  });

  it.runIf(process.getuid?.() === 0)('says so when the repository belongs to somebody else', async () => {
    const { repository, git } = await setUp();
    for (const path of [repository.dir, join(repository.dir, '.git')]) await chown(path, 54_321, 54_321);
    await expect(git.inspectRepository(repository.dir)).rejects.toMatchObject({
      kind: 'usage',
      code: 'unsafe_ownership',
      hint: expect.stringContaining('safe.directory'),
    });
  });

  it('says so when git is missing or too old', async () => {
    const { repository } = await setUp();
    const bin = join(repository.outside, 'bin');
    await mkdir(bin);
    const git = createGitManager({ env: { ...repository.env, PATH: bin } });
    await expect(git.inspectRepository(repository.dir)).rejects.toMatchObject({
      kind: 'environment',
      code: 'git_missing',
    });
    await writeFile(join(bin, 'git'), '#!/bin/sh\necho "git version 2.20.1"\n');
    await chmod(join(bin, 'git'), 0o755);
    await expect(git.inspectRepository(repository.dir)).rejects.toMatchObject({
      kind: 'environment',
      code: 'git_too_old',
    });
  });
});

describe('resolveCommit', () => {
  it('takes branches, tags, hashes and their ancestors, a branch before a tag of the same name', async () => {
    const { repository, git } = await setUp();
    const first = await repository.git('rev-parse', 'HEAD');
    await repository.git('tag', 'both');
    await repository.git('commit', '--quiet', '--allow-empty', '--message=second');
    const second = await repository.git('rev-parse', 'HEAD');
    await repository.git('branch', 'both');
    const resolve = (reference: string) => git.resolveCommit(repository.dir, reference);
    expect(await resolve('main')).toBe(second);
    expect(await resolve('both')).toBe(second);
    expect(await resolve(first.slice(0, 10))).toBe(first);
    expect(await resolve('HEAD~1')).toBe(first);
    expect(await resolve('refs/tags/both')).toBe(first);
  });

  it('names the branches there are when the one asked for is not', async () => {
    const { repository, git } = await setUp();
    await repository.git('branch', 'develop');
    await expect(git.resolveCommit(repository.dir, 'nosuch')).rejects.toMatchObject({
      kind: 'usage',
      code: 'base_branch_missing',
      hint: expect.stringMatching(/develop.*main|main.*develop/),
    });
  });

  it.each([
    '--upload-pack=touch canary',
    '-d',
    'a..b',
    '',
    'main\nHEAD',
    ':/First',
    'main:README.md',
    '@{-1}',
    '@',
  ])('A57 branch-dash: refuses %j as a reference', async (reference) => {
    const { repository, git } = await setUp();
    await expect(git.resolveCommit(repository.dir, reference)).rejects.toMatchObject({
      code: 'base_branch_missing',
    });
  });
});

describe('reading', () => {
  it('reads a file at a commit, and null for what is not a file of text size', async () => {
    const { repository, git } = await setUp({
      files: { 'a b.txt': 'hällo\n', 'big.bin': 'x'.repeat(1024 * 1024 + 1), 'dir/[x].txt': 'x' },
    });
    await symlink('/etc/passwd', join(repository.dir, 'link'));
    await repository.git('add', '--all');
    await repository.git('commit', '--quiet', '--message=link');
    const show = (path: string) => git.showFile(repository.dir, 'main', path);
    expect(await show('a b.txt')).toBe('hällo\n');
    expect(await show('dir/[x].txt')).toBe('x');
    for (const path of ['big.bin', 'dir', 'link', 'no', 'dir/[a-z].txt', '--help', '../a', 'a\nb', ''])
      expect(await show(path), path).toBeNull();
  });

  it('lists odd names as they are', async () => {
    const names = ['a\nb', 'tab\there', 'ä', '-d', '"q"'];
    const { repository, git } = await setUp({ files: Object.fromEntries(names.map((name) => [name, 'x'])) });
    const commit = await git.resolveCommit(repository.dir, 'main');
    expect((await git.listFiles(repository.dir, commit)).sort()).toEqual([...names].sort());
  });

  it('counts and names what changed between two commits', async () => {
    const { repository, git } = await setUp({ files: { a: '1\n2\n', b: 'x\n', 'c\n': 'x\n' } });
    const from = await repository.git('rev-parse', 'HEAD');
    await repository.write('a', '1\n3\n4\n');
    await repository.write('bin', 'a\0b');
    await rm(join(repository.dir, 'c\n'));
    await repository.git('add', '--all');
    await repository.git('commit', '--quiet', '--message=Change\n\nbody');
    const to = await repository.git('rev-parse', 'HEAD');
    expect(await git.diffFigures(repository.dir, from, to)).toEqual({
      commits: 1,
      files: 3,
      insertions: 2,
      deletions: 2,
    });
    expect((await git.changedFiles(repository.dir, from, to)).sort()).toEqual(['a', 'bin', 'c\n']);
    expect(await git.log(repository.dir, from, to, 10)).toEqual([{ hash: to, subject: 'Change' }]);
    expect(await git.log(repository.dir, from, to, 0)).toEqual([]);
    expect(await git.diff(repository.dir, from, 'main')).toContain('+3\n+4\n');
    expect(await git.diffFigures(repository.dir, to, to)).toEqual({
      commits: 0,
      files: 0,
      insertions: 0,
      deletions: 0,
    });
  });

  it('ends a patch at one MiB', async () => {
    const { repository, git } = await setUp();
    const from = await repository.git('rev-parse', 'HEAD');
    await repository.write('long', 'line\n'.repeat(400_000));
    await repository.git('add', '--all');
    await repository.git('commit', '--quiet', '--message=long');
    expect((await git.diff(repository.dir, from, 'main')).length).toBe(1024 * 1024);
  });
});

describe('generateBranchName', () => {
  it('A27 A57: gives a name that git can make beside what is there', async () => {
    const { repository, git } = await setUp();
    const day = new Date('2026-11-22T12:00:00Z');
    const next = (name: string, taken: string[] = []) =>
      git.generateBranchName(repository.dir, name, day, new Set(taken));
    await repository.git('branch', 'df/taken');
    await repository.git('branch', 'df/deep/2026-11-22/child');
    await repository.git('tag', 'df/tagged/2026-11-22');
    expect(await next('Taken')).toBe('df/taken-2/2026-11-22');
    expect(await next('Deep')).toBe('df/deep/2026-11-22-2');
    expect(await next('Tagged')).toBe('df/tagged/2026-11-22-2');
    expect(await next('New', ['df/new/2026-11-22'])).toBe('df/new/2026-11-22-2');
    for (const hostile of ['$(id)', '--upload-pack=x', 'a..b', 'x.lock', '🏭', 'a\nb', 'x'.repeat(100_000)])
      await repository.git('branch', await next(hostile));
  });
});
