import { execFileSync } from 'node:child_process';
import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createGitManager } from '../../../src/git/manager.ts';
import { findProgram } from '../../../src/lib/process/programs.ts';
import { makeRepository } from '../../support/repository.ts';

/** A repository, `more` with the content of `a.txt`, and a git that writes down what it is asked. */
async function setUp(files: Record<string, string>, more: readonly string[] = []) {
  const repository = await makeRepository({ files });
  onTestFinished(() => repository.cleanup());
  if (more.length > 0) {
    const blob = await repository.git('rev-parse', 'HEAD:a.txt');
    const input = more.map((path) => `100644 ${blob}\t${path}\n`).join('');
    execFileSync('git', ['update-index', '--index-info'], {
      cwd: repository.dir,
      env: repository.env,
      input,
    });
    await repository.git('commit', '-qm', 'More');
  }
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
  return { repository, show: (path: string) => git.showFile(repository.dir, commit, path), asked };
}

it('files of one commit are looked up in one list, and those that it does not have cost nothing more', async () => {
  const { show, asked } = await setUp({ 'a.txt': 'a', 'dir/b.txt': 'b', 'dir/c.txt': '' });
  const paths = ['a.txt', 'dir/b.txt', 'dir/c.txt', 'dir', 'no.txt', 'dir/no.txt'];
  expect(await Promise.all(paths.map(show))).toEqual(['a', 'b', '', null, null, null]);
  // One list, and two for the contents of all that were asked for at once.
  expect(await asked()).toHaveLength(3);
});

it('what cannot be read is a failure, whatever else is asked for, and never a file that is not there', async () => {
  const { repository, show } = await setUp({ 'a.txt': 'a', 'b.txt': 'b', 'c.txt': 'c' });
  const id = await repository.git('rev-parse', 'HEAD:b.txt');
  await rm(join(repository.dir, '.git/objects', id.slice(0, 2), id.slice(2)));
  await expect(show('b.txt')).rejects.toMatchObject({ code: 'git_failed' });
  await expect(Promise.all(['a.txt', 'b.txt', 'c.txt'].map(show))).rejects.toMatchObject({
    code: 'git_failed',
    message: expect.stringContaining(id),
  });
});

it('of a commit with more files than are kept in mind those are looked up that are asked for, together where that is at once', async () => {
  const many = Array.from({ length: 5_001 }, (_, index) => `many/${index}`);
  const { show, asked } = await setUp({ 'a.txt': 'a', 'b.txt': 'b', 'c.txt': 'c' }, many);
  const one = [await show('b.txt'), await show('many/7'), await show('many'), await show('no.txt')];
  expect(one).toEqual(['b', 'a', null, null]);
  const lists = (await asked()).filter((line) => line.includes('ls-tree'));
  expect(lists.filter((line) => line.includes(' -r '))).toHaveLength(1);
  expect(lists).toHaveLength(5);
  const before = (await asked()).length;
  const paths = ['many/1', 'many', 'c.txt', 'no.txt', 'many/no', 'many/3'];
  expect(await Promise.all(paths.map(show))).toEqual(['a', null, 'c', null, null, 'a']);
  expect(await asked()).toHaveLength(before + 3);
});
