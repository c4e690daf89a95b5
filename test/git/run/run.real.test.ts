import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRunGit } from '../../../src/git/run/run.ts';
import { makeRepository, type TestRepository } from '../../support/repository.ts';

let repository: TestRepository;
beforeEach(async () => {
  repository = await makeRepository();
});
afterEach(() => repository.cleanup());

/** A program named git with a body of our own, so that one call can hang or flood. */
async function fakeGit(body: string): Promise<Record<string, string>> {
  const bin = join(repository.outside, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'git'), `#!/bin/sh\n${body}\n`);
  await chmod(join(bin, 'git'), 0o755);
  return { ...repository.env, PATH: `${bin}:${repository.env['PATH'] ?? ''}` };
}

describe('the one helper that starts git', () => {
  it('answers with exit code and both streams', async () => {
    const run = createRunGit({ env: repository.env });
    const good = await run(['rev-parse', 'HEAD'], { gitDir: join(repository.dir, '.git') });
    expect(good).toMatchObject({ code: 0, stderr: '' });
    const bad = await run(['rev-parse', '--verify', 'nosuch'], { gitDir: join(repository.dir, '.git') });
    expect(bad.code).toBe(128);
    expect(bad.stderr).toContain('fatal');
  });

  it('does not look for a repository around it, nor inherit one', async () => {
    const run = createRunGit({ env: { ...repository.env, GIT_DIR: join(repository.dir, '.git') } });
    expect((await run(['rev-parse', '--git-dir'])).code).toBe(128);
  });

  it('never talks to another repository, not even on this machine', async () => {
    const run = createRunGit({ env: repository.env });
    const gitDir = join(repository.dir, '.git');
    const answer = await run(['ls-remote', `file://${repository.dir}`], { gitDir });
    expect(answer.code).not.toBe(0);
    expect(answer.stderr).toContain('not allowed');
  });

  it('ends a git that takes too long, with its children', async () => {
    const env = await fakeGit('sleep 300 & sleep 300');
    const run = createRunGit({ env, timeoutMs: 300 });
    await expect(run(['status'])).rejects.toMatchObject({ kind: 'failed', code: 'git_timeout' });
  });

  it('kills a git that does not listen', async () => {
    const env = await fakeGit("trap '' TERM; while :; do sleep 1; done");
    const run = createRunGit({ env });
    await expect(run(['status'], { timeoutMs: 300 })).rejects.toMatchObject({ code: 'git_timeout' });
  });

  it('ends every git when the program stops', async () => {
    const env = await fakeGit('sleep 300');
    const controller = new AbortController();
    const run = createRunGit({ env, signal: controller.signal });
    const running = [run(['a']), run(['b'])];
    controller.abort();
    await Promise.all(running.map((one) => expect(one).rejects.toMatchObject({ code: 'git_aborted' })));
    await expect(run(['late'])).rejects.toMatchObject({ code: 'git_aborted' });
  });

  it('holds no more output than was asked for', async () => {
    const env = await fakeGit('yes');
    const run = createRunGit({ env });
    const answer = await run(['anything'], { enough: 1_000 });
    expect(answer).toMatchObject({ code: 0 });
    expect(answer.stdout.length).toBe(1_000);
  });

  it('gives a broken pipe back as what git said', async () => {
    const env = await fakeGit('echo "fatal: not interested" >&2; exit 128');
    const run = createRunGit({ env });
    const answer = await run(['anything'], { input: Buffer.alloc(10 * 1024 * 1024) });
    expect(answer).toMatchObject({ code: 128, stderr: 'fatal: not interested\n' });
  });

  it('A56 shell-meta-project: never goes through a shell', async () => {
    const run = createRunGit({ env: repository.env });
    await run(['rev-parse', '--verify', `$(touch ${repository.outside}/canary)`, '; touch canary'], {
      gitDir: join(repository.dir, '.git'),
      cwd: repository.outside,
    });
    expect(await readdir(repository.outside)).toEqual([]);
  });
});
