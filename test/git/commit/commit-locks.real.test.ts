import { execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../support/until.ts';

import { branch, openStage, type Stage } from './commit-stage.ts';

let { repository, git, worktree, commit, put } = {} as Stage;
beforeEach(async () => {
  ({ repository, git, worktree, commit, put } = await openStage());
});
afterEach(() => repository.cleanup());

/** A zombie of git whose parent this is. */
function endedGitBelow(parent: number): boolean {
  return execFileSync('ps', ['-o', 'stat=,comm=', '--ppid', String(parent)], { encoding: 'utf8' })
    .split('\n')
    .some((line) => /^Z\S* +git/.test(line));
}

describe('A25 stale-index-lock', () => {
  const lock = () => join(repository.dir, '.git/worktrees/w/index.lock');

  it('is removed when no live process holds it', async () => {
    await writeFile(lock(), '');
    await put('x', 'x');
    expect(await commit()).not.toBeNull();
  });

  it('of the branch is removed as well', async () => {
    await writeFile(join(repository.dir, `.git/refs/heads/${branch}.lock`), '');
    await put('x', 'x');
    expect(await commit()).not.toBeNull();
  });

  it('of the factory’s own index is removed as well', async () => {
    await git.treeHash(repository.dir, worktree);
    await writeFile(join(repository.dir, '.git/worktrees/w/dark-factory/tree-index.lock'), '');
    await put('x', 'x');
    expect(await git.treeHash(repository.dir, worktree)).toMatch(/^[0-9a-f]{64}$/);
  });

  it.runIf(process.platform === 'linux')(
    'is respected while a live process has it open, and named, even right after another git ended',
    async () => {
      await writeFile(lock(), '');
      const old = new Date(Date.now() - 3_600_000);
      await utimes(lock(), old, old);
      // Nobody asks how its git ended, which so stays to be seen: one that is at work nowhere.
      const careless = spawn('/bin/sh', ['-c', 'git --version & exec sleep 60'], { stdio: 'ignore' });
      await until(() => careless.pid !== undefined && endedGitBelow(careless.pid));
      const descriptor = openSync(lock(), 'r');
      const holder = spawn('sleep', ['60'], { stdio: [descriptor, 'ignore', 'ignore'] });
      closeSync(descriptor);
      try {
        await put('x', 'x');
        await expect(commit()).rejects.toMatchObject({
          code: 'git_locked',
          message: expect.stringContaining(String(holder.pid)),
        });
        expect(await readFile(lock(), 'utf8')).toBe('');
      } finally {
        holder.kill('SIGKILL');
        careless.kill('SIGKILL');
      }
    },
  );
});
