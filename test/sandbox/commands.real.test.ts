import { mkdir, mkdtemp, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hintFor } from '../../src/sandbox/run/hint.ts';
import { makeStage, type Stage } from './stage.ts';

describe('repositories of other kinds', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await makeStage({ sandbox: { mode: 'bubblewrap' } });
  });
  afterAll(() => stage.cleanup());

  it('one that borrows objects from another (clone --shared), also in several steps', async () => {
    const [second, third] = [
      join(stage.repository.outside, 'second'),
      join(stage.repository.outside, 'third'),
    ];
    await stage.repository.git('clone', '--quiet', '--shared', stage.repository.dir, second);
    await stage.repository.git('clone', '--quiet', '--shared', second, third);
    const worktree = join(stage.home, 'data', 'worktrees', 'borrowed');
    await stage.repository.gitIn(third, 'worktree', 'add', '--quiet', '-b', 'df/b', worktree);
    const result = await stage.run(
      'git log --oneline && git status --short && git fsck --connectivity-only',
      {
        worktree,
        gitDir: join(third, '.git'),
      },
    );
    expect(result, result.output).toMatchObject({ exitCode: 0 });
    expect(result.output).toMatch(/First/);
  });

  it('one whose object store is a link, and one reached through a link', async () => {
    const elsewhere = join(stage.repository.outside, 'objects');
    await rename(join(stage.gitDir, 'objects'), elsewhere);
    await symlink(elsewhere, join(stage.gitDir, 'objects'));
    const linked = join(stage.home, 'linked.git');
    await symlink(stage.gitDir, linked);
    try {
      expect(await stage.run('git log --oneline && git status')).toMatchObject({ exitCode: 0 });
      expect(await stage.run('git log --oneline && git status', { gitDir: linked })).toMatchObject({
        exitCode: 0,
      });
    } finally {
      await rm(join(stage.gitDir, 'objects'));
      await rename(elsewhere, join(stage.gitDir, 'objects'));
    }
  });

  it('a repository in a worktree of the project, made by its tests', async () => {
    const result = await stage.run(
      'd=$(mktemp -d) && cd "$d" && git init -q && echo a > a && git add a && git commit -qm first && git log --oneline | wc -l',
    );
    expect(result.output).toBe('1\n');
  });

  it('what git cannot do there is explained', async () => {
    for (const command of [
      'git add -A',
      'git commit -am x',
      'git config user.name x',
      'git stash',
      'git checkout -b x',
      'git push origin HEAD',
    ]) {
      await writeFile(join(stage.worktree, 'README.md'), '# Changed again\n');
      const { exitCode, output } = await stage.run(command);
      expect(exitCode, command).not.toBe(0);
      expect(hintFor(command, output), `${command}\n${output}`).not.toBeNull();
    }
  });
});

describe('toolchains', () => {
  it('programs of the PATH run, also from the home, of which nothing else is visible', async () => {
    const home = join(await realpath(await mkdtemp(join(tmpdir(), 'df-user-'))), 'owner');
    const tool = join(home, '.nvm', 'versions', 'node', 'v99', 'bin');
    await mkdirp(tool);
    await mkdirp(join(home, '.nvm', 'versions', 'node', 'v99', 'lib'));
    await writeFile(join(home, '.nvm', 'versions', 'node', 'v99', 'lib', 'part'), 'its part\n');
    await writeFile(join(tool, 'my-tool'), '#!/bin/sh\ncat "$(dirname "$0")/../lib/part"\n', { mode: 0o755 });
    await mkdirp(join(home, '.ssh'));
    await writeFile(join(home, '.ssh', 'id_rsa'), 'PRIVATE');
    const stage = await makeStage({
      userHome: home,
      hostEnv: { PATH: `${tool}:${process.env['PATH'] ?? ''}` },
    });
    try {
      const result = await stage.run(
        `my-tool; node -p 1+1; ls -A ${home}; cat ${home}/.ssh/id_rsa; echo x > ${tool}/my-tool`,
      );
      expect(result.output).toMatch(/^its part\n2\n\.nvm\n/);
      expect(result.output).not.toContain('PRIVATE');
      expect(result.output).toMatch(/Read-only file system/);
    } finally {
      await stage.cleanup();
      await rm(join(home, '..'), { recursive: true });
    }
  });
});

async function mkdirp(path: string): Promise<string> {
  await mkdir(path, { recursive: true });
  return path;
}
