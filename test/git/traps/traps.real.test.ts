import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs, { lstat, mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import type { GitManager } from '../../../src/factory/ports.ts';
import { createGitManager } from '../../../src/git/manager.ts';
import { removeTraps } from '../../../src/git/traps/traps.ts';
import { readProc } from '../../../src/lib/process/others.ts';
import { makeRepository, type TestRepository } from '../../support/repository.ts';
import { until } from '../../support/until.ts';

let repository: TestRepository;
let git: GitManager;
let worktree: string;

beforeEach(async () => {
  repository = await makeRepository({ files: { 'a.txt': 'a\n' } });
  git = createGitManager({ env: repository.env });
  worktree = join(repository.outside, 'w');
  const commit = await repository.git('rev-parse', 'HEAD');
  await git.createWorktree({ repository: repository.dir, worktree, branch: 'df/a/1', commit });
});
afterEach(() => repository.cleanup());

it('git waits at no named pipe that stands where it reads a file of its own', {
  timeout: 50_000,
}, async () => {
  for (const folder of ['d', 'e', 'inner/.git/refs', 'inner/.git/objects'])
    await mkdir(join(worktree, folder), { recursive: true });
  const pipes = [
    '.gitattributes',
    'd/.gitignore',
    'e/.gitignore',
    'e/.gitattributes',
    'inner/.git/HEAD',
    'plain',
  ];
  for (const pipe of pipes) execFileSync('mkfifo', [join(worktree, pipe)]);
  for (const file of ['a.txt', 'd/new', 'e/new', 'inner/new']) await writeFile(join(worktree, file), 'new\n');
  await git.treeHash(repository.dir, worktree);
  const step = { project: 'p', step: 'engineer/1/a' };
  const made = await git.commitChanges(repository.dir, worktree, 'x', step);
  const files = await repository.git('ls-tree', '-r', '--name-only', made ?? '');
  expect(files.split('\n')).toEqual(['a.txt', 'd/new', 'e/new', 'inner/new']);
});

/** All that makes git take `at` for a git dir, but for what an attack puts there. */
async function gitDir(at: string): Promise<void> {
  for (const name of ['objects', 'refs/heads']) await mkdir(join(worktree, at, name), { recursive: true });
  await writeFile(join(worktree, at, 'HEAD'), 'ref: refs/heads/m\n');
}

const link = async (target: string, at: string) => {
  await mkdir(dirname(join(worktree, at)), { recursive: true });
  await symlink(target, join(worktree, at));
};

const attacks: Record<string, () => Promise<void>> = {
  'a commondir that is a link to a device': async () => {
    await gitDir('x/.git');
    await link('/dev/zero', 'x/.git/commondir');
  },
  'one in a folder that a .git file names': async () => {
    await gitDir('x/y');
    await link('/dev/zero', 'x/y/commondir');
    await writeFile(join(worktree, 'x/.git'), 'gitdir: y\n');
  },
  'one in a folder that a link called .git leads to': async () => {
    await gitDir('x/y');
    await link('/dev/zero', 'x/y/commondir');
    await link('y', 'x/.git');
  },
  'one out of the worktree, where another agent may write': async () => {
    const other = join(repository.outside, 'other');
    for (const name of ['objects', 'refs']) await mkdir(join(other, name), { recursive: true });
    await writeFile(join(other, 'HEAD'), 'ref: refs/heads/m\n');
    await symlink('/dev/zero', join(other, 'commondir'));
    await mkdir(join(worktree, 'x'));
    await writeFile(join(worktree, 'x/.git'), `gitdir: ${other}\n`);
  },
  'a commondir of gigabytes': async () => {
    await gitDir('x/.git');
    await writeFile(join(worktree, 'x/.git/commondir'), '');
    await truncate(join(worktree, 'x/.git/commondir'), 64 * 1024 ** 3);
  },
};

it.each(Object.entries(attacks))(
  'A136 files without end: the host’s git does not go on reading %s',
  { timeout: 100_000 },
  async (_, plant) => {
    await plant();
    await writeFile(join(worktree, 'new'), 'new\n');
    await git.treeHash(repository.dir, worktree);
    const step = { project: 'p', step: 'engineer/1/a' };
    const made = await git.commitChanges(repository.dir, worktree, 'x', step);
    const files = await repository.git('ls-tree', '-r', '--name-only', made ?? '');
    expect(files.split('\n')).toContain('new');
  },
);

it('a repository of the agent’s stays as it is, with links in it, while git takes long', {
  timeout: 50_000,
}, async () => {
  await gitDir('x/.git');
  await writeFile(join(worktree, 'x/.git/packed'), '');
  await link('packed', 'x/.git/packed-refs');
  await link('/nowhere', 'x/.git/hooks');
  execFileSync('mkfifo', [join(worktree, '.gitattributes')]);
  await git.treeHash(repository.dir, worktree);
  for (const name of ['packed-refs', 'hooks'])
    expect((await lstat(join(worktree, 'x/.git', name))).isSymbolicLink()).toBe(true);
});

it('A146: a git that comes to a named pipe just when it is taken away does not wait at it', async () => {
  const pipe = join(worktree, '.gitignore');
  execFileSync('mkfifo', [pipe]);
  let ended: Promise<unknown> | undefined;
  const real = fs.rm;
  fs.rm = async (...args) => {
    if (String(args[0]) === pipe) {
      const reader = spawn('cat', [pipe], { stdio: 'ignore' });
      ended = once(reader, 'exit');
      onTestFinished(() => void reader.kill('SIGKILL'));
      // It sleeps in front of the pipe, or has it open.
      await until(() => /^cat\0.*\0$/.test(readProc(reader.pid ?? 0, 'cmdline') ?? ''));
      await until(() => /^State:\tS/m.test(readProc(reader.pid ?? 0, 'status') ?? ''));
    }
    await real(...args);
  };
  syncBuiltinESMExports();
  try {
    await removeTraps({ folder: worktree, commonDir: join(repository.dir, '.git') }, () => false);
  } finally {
    fs.rm = real;
    syncBuiltinESMExports();
  }
  expect(await Promise.race([ended, wait(5_000, 'waits')])).toEqual([0, null]);
});
