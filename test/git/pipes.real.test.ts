import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { GitManager } from '../../src/factory/ports.ts';
import { createGitManager } from '../../src/git/manager.ts';
import { makeRepository, type TestRepository } from '../support/repository.ts';

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

it('git waits at none that stands where it reads a file of its own', {
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
