import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createGitManager } from '../../../src/git/manager.ts';
import { findProgram } from '../../../src/lib/process/programs.ts';
import { makeRepository } from '../../support/repository.ts';

/** A repository, and a git that writes down what it is asked. */
async function setUp(files: Record<string, string>) {
  const repository = await makeRepository({ files });
  onTestFinished(() => repository.cleanup());
  const log = join(repository.outside, 'log');
  const program = join(repository.outside, 'git');
  const real = findProgram('git', repository.env['PATH'] ?? '');
  await writeFile(log, '');
  await writeFile(program, `#!/bin/sh\nprintf '%s\\n' "$*" >> '${log}'\nexec '${real}' "$@"\n`);
  await chmod(program, 0o755);
  const git = createGitManager({
    env: { ...repository.env, PATH: `${repository.outside}:${repository.env['PATH']}` },
  });
  const commit = await repository.git('rev-parse', 'HEAD');
  const asked = async () => (await readFile(log, 'utf8')).match(/ (?:ls-tree|cat-file) .*$/gm) ?? [];
  return { show: (path: string) => git.showFile(repository.dir, commit, path), asked };
}

it('files of one commit are looked up in one list, and those that it does not have cost nothing more', async () => {
  const { show, asked } = await setUp({ 'a.txt': 'a', 'dir/b.txt': 'b' });
  expect(await Promise.all(['a.txt', 'dir/b.txt', 'dir', 'no.txt', 'dir/no.txt'].map(show))).toEqual([
    'a',
    'b',
    null,
    null,
    null,
  ]);
  expect(await asked()).toHaveLength(3);
});

it('of a commit with more files than are kept in mind each is looked up by itself', async () => {
  const many = Object.fromEntries(Array.from({ length: 5_001 }, (_, index) => [`many/${index}`, `${index}`]));
  const { show, asked } = await setUp({ ...many, 'a.txt': 'a' });
  expect([await show('a.txt'), await show('many/7'), await show('many'), await show('no.txt')]).toEqual([
    'a',
    '7',
    null,
    null,
  ]);
  const lists = (await asked()).filter((line) => line.includes('ls-tree'));
  expect(lists.filter((line) => line.includes(' -r '))).toHaveLength(1);
  expect(lists).toHaveLength(5);
});
