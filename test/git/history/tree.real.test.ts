import { chmod, mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GitManager } from '../../../src/factory/ports.ts';
import { createGitManager } from '../../../src/git/manager.ts';
import { makeRepository, type TestRepository } from '../../support/repository.ts';

let repository: TestRepository;
let git: GitManager;
let worktree: string;

beforeEach(async () => {
  repository = await makeRepository({
    files: { 'a.txt': 'a\n', 'dir/b.txt': 'b\n', '.gitignore': '*.log\n' },
  });
  git = createGitManager({ env: repository.env });
  worktree = join(repository.outside, 'w');
  const commit = await repository.git('rev-parse', 'HEAD');
  await git.createWorktree({ repository: repository.dir, worktree, branch: 'df/a/1', commit });
});
afterEach(() => repository.cleanup());

const hash = () => git.treeHash(repository.dir, worktree);
const put = (path: string, content: string) => writeFile(join(worktree, path), content);
const objects = async () => (await readdir(join(repository.dir, '.git/objects'), { recursive: true })).sort();

describe('treeHash', () => {
  it('changes with every kind of change, and comes back with the content', async () => {
    const seen = [await hash()];
    await put('a.txt', 'b\n');
    seen.push(await hash());
    await put('new.txt', 'n');
    seen.push(await hash());
    await chmod(join(worktree, 'new.txt'), 0o755);
    seen.push(await hash());
    await rm(join(worktree, 'new.txt'));
    await symlink('a.txt', join(worktree, 'new.txt'));
    seen.push(await hash());
    await rm(join(worktree, 'dir'), { recursive: true });
    seen.push(await hash());
    expect(new Set(seen).size).toBe(seen.length);
    await rm(join(worktree, 'new.txt'));
    await put('a.txt', 'a\n');
    await mkdir(join(worktree, 'dir'));
    await put('dir/b.txt', 'b\n');
    expect(await hash()).toBe(seen[0]);
  });

  it('sees a change of the same length in the same second', async () => {
    const before = await hash();
    await put('a.txt', 'x\n');
    const changed = await hash();
    expect(changed).not.toBe(before);
    await put('a.txt', 'y\n');
    expect(await hash()).not.toBe(changed);
    await put('a.txt', 'x\n');
    expect(await hash()).toBe(changed);
  });

  it('sees such a change made before it was first asked', async () => {
    // Only size and whole seconds count, as where file systems or git know nothing finer.
    await repository.git('config', 'core.checkStat', 'minimal');
    await repository.git('config', 'core.trustctime', 'false');
    const twin = join(repository.outside, 'twin');
    const commit = await repository.git('rev-parse', 'HEAD');
    await git.createWorktree({ repository: repository.dir, worktree: twin, branch: 'df/b/1', commit });
    const second = Math.floor((await stat(join(twin, 'a.txt'))).mtimeMs / 1_000);
    await utimes(join(repository.dir, '.git/worktrees/twin/index'), second, second);
    await writeFile(join(twin, 'a.txt'), 'x\n');
    await utimes(join(twin, 'a.txt'), second, second);
    await expect.poll(() => Date.now() / 1_000, { timeout: 5_000 }).toBeGreaterThan(second + 1);
    expect(await git.treeHash(repository.dir, twin)).not.toBe(await hash());
  });

  it('is the same before and after a commit, and in another worktree with the same content', async () => {
    await put('a.txt', 'mine\n');
    const before = await hash();
    const made = await git.commitChanges(repository.dir, worktree, 'x', { project: 'p', step: 's' });
    expect(await hash()).toBe(before);
    const twin = join(repository.outside, 'twin');
    await git.createWorktree({
      repository: repository.dir,
      worktree: twin,
      branch: 'df/b/1',
      commit: made ?? '',
    });
    expect(await git.treeHash(repository.dir, twin)).toBe(before);
  });

  it('does not care for ignored files, times, or empty folders', async () => {
    const before = await hash();
    await put('noise.log', 'x');
    await mkdir(join(worktree, 'empty'));
    await utimes(join(worktree, 'a.txt'), new Date(), new Date());
    expect(await hash()).toBe(before);
  });

  it('writes no object and does not touch the worktree’s own index', async () => {
    const index = join(repository.dir, '.git/worktrees/w/index');
    const [before, indexBefore] = [await objects(), await readFile(index)];
    for (let number = 0; number < 5; number++) {
      await put('new.txt', `content ${number}`);
      await hash();
    }
    expect(await objects()).toEqual(before);
    expect(await readFile(index)).toEqual(indexBefore);
  });

  it('sees the files of a repository inside the worktree', async () => {
    await repository.git('init', '--quiet', join(worktree, 'app'));
    await put('app/x', '1');
    const before = await hash();
    await put('app/x', '2');
    expect(await hash()).not.toBe(before);
  });

  it('survives names that git cannot hold, and a broken index of its own', async () => {
    const before = await hash();
    await put('git~1', 'x');
    expect(await hash()).toBe(before);
    await writeFile(join(repository.dir, '.git/worktrees/w/dark-factory/tree-index'), 'broken');
    expect(await hash()).toBe(before);
  });

  it.each([
    ['index.version', '4'],
    ['core.splitIndex', 'true'],
    ['core.untrackedCache', 'true'],
    ['core.autocrlf', 'true'],
  ])('works with %s = %s of the owner', async (key, value) => {
    const plain = await hash();
    await repository.git('config', key, value);
    const twin = join(repository.outside, 'twin');
    const commit = await repository.git('rev-parse', 'HEAD');
    await git.createWorktree({ repository: repository.dir, worktree: twin, branch: 'df/b/1', commit });
    const twinHash = () => git.treeHash(repository.dir, twin);
    expect(await twinHash()).toBe(plain);
    await writeFile(join(twin, 'new.txt'), 'one\r\n');
    const changed = await twinHash();
    expect(changed).not.toBe(plain);
    expect(await twinHash()).toBe(changed);
    await git.commitChanges(repository.dir, twin, 'x', { project: 'p', step: 's' });
    expect(await twinHash()).toBe(changed);
  });

  it('works in a repository with SHA-256', async () => {
    const other = join(repository.outside, 'sha256');
    await repository.git('init', '--quiet', '--object-format=sha256', '--initial-branch=main', other);
    await writeFile(join(other, 'a'), 'a');
    await repository.gitIn(other, 'add', 'a');
    await repository.gitIn(other, 'commit', '--quiet', '--message=a');
    const commit = await git.resolveCommit(other, 'main');
    const twin = join(repository.outside, 'twin');
    await git.createWorktree({ repository: other, worktree: twin, branch: 'df/b/1', commit });
    const before = await git.treeHash(other, twin);
    await writeFile(join(twin, 'a'), 'b');
    expect(await git.treeHash(other, twin)).not.toBe(before);
    const made = await git.commitChanges(other, twin, 'x', { project: 'p', step: 's' });
    expect(made).toMatch(/^[0-9a-f]{64}$/);
  });
});
