import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removeWorktree } from '../../../src/factory/lifecycle/remove-worktree.ts';
import type { GitManager } from '../../../src/factory/ports.ts';
import { createGitManager } from '../../../src/git/manager.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { removeOrphan } from '../../../src/state/projects/clean-up.ts';
import { makeRepository, type TestRepository } from '../../support/repository.ts';

const ID = '11111111-1111-4111-8111-111111111111';
const branch = 'df/a/2026-11-22';

let repository: TestRepository;
let git: GitManager;
let worktree: string;
let place: { id: string; repository: string; worktreePath: string };

beforeEach(async () => {
  repository = await makeRepository({ files: { 'a.txt': 'a\n', 'dir/b.txt': 'b\n' } });
  git = createGitManager({ env: repository.env });
  worktree = join(repository.outside, 'worktrees', ID);
  place = { id: ID, repository: repository.dir, worktreePath: worktree };
  const commit = await repository.git('rev-parse', 'HEAD');
  await git.createWorktree({ repository: repository.dir, worktree, branch, commit });
  await write('early.txt');
  await git.commitChanges(repository.dir, worktree, 'Work', { project: ID, step: 'e/1/a' });
  await write('left.txt');
});
afterEach(() => repository.cleanup());

const admin = (...path: string[]) => join(repository.dir, '.git/worktrees', ID, ...path);
const write = (name: string) => writeFile(join(worktree, name), `${name}\n`);
const read = (name: string, folder = worktree) => readFile(join(folder, name), 'utf8');
const onBranch = (name: string) => repository.git('show', `${branch}:${name}`);
const remove = () => removeWorktree({ git, clock: systemClock }, place);

describe('A88: once a worktree is removed, what nobody committed is on its branch', () => {
  const harms: Record<string, () => Promise<unknown>> = {
    'a sound worktree': async () => undefined,
    'push protection removed by hand': () => rm(admin('config.worktree')),
    'a push address given by hand': () =>
      repository.gitIn(worktree, 'config', '--worktree', 'remote.origin.pushurl', 'https://x.test/x'),
    'a .git file rewritten by a tool': () => writeFile(join(worktree, '.git'), 'gitdir: /nowhere\n'),
    'a .git file that is gone': () => rm(join(worktree, '.git')),
  };
  it.each(Object.keys(harms))('of %s', async (harm) => {
    await harms[harm]?.();
    await remove();
    expect(await onBranch('left.txt')).toBe('left.txt');
    await expect(read('left.txt')).rejects.toThrow('ENOENT');
  });

  it('when the same clean-up saved something on this branch before', async () => {
    await remove();
    const commit = await repository.git('rev-parse', branch);
    await git.createWorktree({ repository: repository.dir, worktree, branch, commit });
    await write('later.txt');
    await remove();
    expect(await onBranch('later.txt')).toBe('later.txt');
  });

  it('of a project that is gone', async () => {
    await rm(admin('config.worktree'));
    await removeOrphan({ git, clock: systemClock }, worktree);
    expect(await onBranch('left.txt')).toBe('left.txt');
  });
});

describe('A88: a worktree whose work no commit can hold stays as it is, and is told', () => {
  const harms: Record<string, () => Promise<unknown>> = {
    'its repository is gone': () => rm(repository.dir, { recursive: true }),
    'its registration is gone': () => rm(admin(), { recursive: true }),
    'its branch is gone': () => repository.git('update-ref', '-d', `refs/heads/${branch}`),
    'another branch is checked out': () => repository.gitIn(worktree, 'switch', '--quiet', '-c', 'mine'),
    'no branch is checked out': () => repository.gitIn(worktree, 'switch', '--quiet', '--detach'),
    'the note about it is gone': () => rm(admin('dark-factory/worktree.json')),
    'the note about it is broken': () => writeFile(admin('dark-factory/worktree.json'), '{'),
    'everything of the factory in its git dir is gone': () => rm(admin('dark-factory'), { recursive: true }),
  };
  it.each(Object.keys(harms))('of %s', async (harm) => {
    await harms[harm]?.();
    await expect(remove()).rejects.toMatchObject({ code: 'worktree_unsaved' });
    expect(await read('left.txt')).toBe('left.txt\n');
    expect(await read('early.txt')).toBe('early.txt\n');
  });

  it('its files were set aside, to be registered again, when that was cut off', async () => {
    await rm(admin(), { recursive: true });
    await rename(worktree, `${worktree}.kept`);
    await expect(remove()).rejects.toMatchObject({ code: 'worktree_unsaved' });
    expect(await read('left.txt', `${worktree}.kept`)).toBe('left.txt\n');
  });
});

describe('A88: a worktree that is made again keeps what nobody committed', () => {
  const again = async () => {
    const commit = await repository.git('rev-parse', `${branch}~1`);
    await git.createWorktree({ repository: repository.dir, worktree, branch, commit });
    expect(await git.validateWorktree(repository.dir, worktree)).toBe(true);
    expect(await read('left.txt')).toBe('left.txt\n');
    await remove();
    expect(await onBranch('left.txt')).toBe('left.txt');
    expect(await onBranch('early.txt')).toBe('early.txt');
  };

  it('when the note about it is gone', async () => {
    await rm(admin('dark-factory/worktree.json'));
    await again();
  });

  it('when the note about it is broken', async () => {
    await writeFile(admin('dark-factory/worktree.json'), '{');
    await again();
  });

  it.each(['a folder that is still there', 'no folder'])(
    'when its files lie aside and its note is written, with %s',
    async (how) => {
      await rename(worktree, `${worktree}.kept`);
      if (how !== 'no folder') await mkdir(worktree);
      await again();
    },
  );
});

it('nothing is saved of what nobody worked in: the half-made goes, and an emptied one', async () => {
  await rm(admin('dark-factory'), { recursive: true });
  await rm(admin('index'));
  await remove();
  await expect(onBranch('left.txt')).rejects.toThrow();
  await expect(read('a.txt')).rejects.toThrow('ENOENT');
});
