import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GitManager } from '../../../src/factory/ports.ts';
import { createGitManager } from '../../../src/git/manager.ts';
import { makeRepository, type TestRepository } from '../../support/repository.ts';

const execute = promisify(execFile);
let repository: TestRepository;
let git: GitManager;
let worktree: string;
let refsBefore: string;

beforeEach(async () => {
  repository = await makeRepository({ remote: true });
  git = createGitManager({ env: repository.env });
  worktree = join(repository.outside, 'w');
  refsBefore = await remoteRefs();
});
afterEach(() => repository.cleanup());

const remote = () => repository.remoteDir ?? '';
const remoteRefs = () => repository.gitIn(remote(), 'for-each-ref');
const create = async () => {
  const commit = await repository.git('rev-parse', 'HEAD');
  await git.createWorktree({ repository: repository.dir, worktree, branch: 'df/a/1', commit });
};
const push = (...args: string[]) =>
  execute('git', args, { cwd: worktree, env: repository.env }).then(
    () => 'pushed',
    (error: { stderr: string }) => error.stderr,
  );

describe('a push from the worktree', () => {
  it.each([
    ['plainly', ['push', 'origin', 'HEAD']],
    ['without naming a remote', ['push']],
    ['A40 push-no-verify', ['push', '--no-verify', 'origin', 'HEAD']],
    ['A41 push-c-hookspath', ['-c', 'core.hooksPath=/dev/null', 'push', 'origin', 'HEAD']],
    ['with force, everything', ['push', '--force', '--all', 'origin']],
    ['mirrored', ['push', '--mirror', 'origin']],
  ])('%s is refused', async (_, args) => {
    await create();
    expect(await push(...args)).not.toBe('pushed');
    expect(await remoteRefs()).toBe(refsBefore);
  });

  it.each([
    ['to an address', (to: string) => ['push', to, 'HEAD:x']],
    ['to an address with file://', (to: string) => ['push', `file://${to}`, 'HEAD:x']],
    ['to an address, --no-verify', (to: string) => ['push', '--no-verify', to, 'HEAD:x']],
    [
      'to an address, without hooks',
      (to: string) => ['-c', 'core.hooksPath=/dev/null', 'push', to, 'HEAD:x'],
    ],
  ])('%s is refused', async (_, args) => {
    await create();
    const unknown = join(repository.outside, 'unknown.git');
    await repository.git('init', '--quiet', '--bare', unknown);
    for (const address of [remote(), unknown]) expect(await push(...args(address))).not.toBe('pushed');
    expect(await remoteRefs()).toBe(refsBefore);
    expect(await repository.gitIn(unknown, 'for-each-ref')).toBe('');
  });

  it('is refused to remotes with push addresses of their own, and to one that came later', async () => {
    await repository.git('config', 'remote.origin.pushurl', remote());
    await repository.git('remote', 'add', 'second', remote());
    await create();
    await repository.git('remote', 'add', 'third', remote());
    for (const name of ['origin', 'second', 'third'])
      expect(await push('push', '--no-verify', name, 'HEAD:x')).not.toBe('pushed');
    expect(await remoteRefs()).toBe(refsBefore);
  });

  it('is refused by the hook in words for people', async () => {
    await create();
    const past = ['-c', `url.${remote()}.pushInsteadOf=past:`, 'push', 'past:', 'HEAD:x'];
    expect(await push(...past)).toContain('Dark Factory: pushing from this worktree is refused');
    expect(await remoteRefs()).toBe(refsBefore);
  });
});

describe('the owner’s own pushes', () => {
  it('go on, with their own hooks, from their checkout and from other worktrees', async () => {
    const canary = join(repository.outside, 'own-hook-ran');
    const hook = join(repository.dir, '.git/hooks/pre-push');
    await writeFile(hook, `#!/bin/sh\ntouch ${canary}\n`, { mode: 0o755 });
    await create();
    const own = join(repository.outside, 'own');
    await repository.git('worktree', 'add', '--quiet', '-b', 'own', own);
    await repository.git('push', '--quiet', 'origin', 'main:one');
    await repository.gitIn(own, 'push', '--quiet', 'origin', 'HEAD:two');
    expect(await remoteRefs()).toMatch(/refs\/heads\/one[\s\S]*refs\/heads\/two/);
    expect(await readdir(repository.outside)).toContain('own-hook-ran');
  });
});

describe('preventPush', () => {
  it('puts settings back that somebody removed', async () => {
    await create();
    const file = join(repository.dir, '.git/worktrees/w/config.worktree');
    const settings = await readFile(file, 'utf8');
    await writeFile(file, '');
    expect(await git.validateWorktree(repository.dir, worktree)).toBe(false);
    await git.preventPush(repository.dir, worktree);
    expect(await readFile(file, 'utf8')).toBe(settings);
    expect(await git.validateWorktree(repository.dir, worktree)).toBe(true);
  });
});

describe('tryPush', () => {
  it('shows that every layer refuses but the sandbox’s own, and pushes nothing', async () => {
    await create();
    const layers = await git.tryPush(repository.dir, worktree);
    expect(Object.fromEntries(layers.map(({ layer, refused }) => [layer, refused]))).toEqual({
      'push URL: origin': true,
      'push URL: origin, --no-verify': true,
      'push URL: origin, core.hooksPath=/dev/null': true,
      'push URL: explicit address': true,
      'push URL: explicit address, --no-verify, no hooks': true,
      'pre-push hook': true,
      'sandbox only: every setting of git overridden': false,
    });
    expect(await remoteRefs()).toBe(refsBefore);
  });

  it('says so when the layers are gone, and still pushes nothing to the owner’s remote', async () => {
    await create();
    await writeFile(join(repository.dir, '.git/worktrees/w/config.worktree'), '');
    const layers = await git.tryPush(repository.dir, worktree);
    expect(layers.every(({ refused }) => !refused)).toBe(true);
    expect(layers.find(({ layer }) => layer === 'push URL: origin')?.detail).toContain(remote());
    expect(await remoteRefs()).toBe(refsBefore);
  });
});
