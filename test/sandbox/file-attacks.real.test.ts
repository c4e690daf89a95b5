import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eachSandbox } from './each-sandbox.ts';
import { makeStage, type Stage } from './stage.ts';

const SECRET = 'secret of the host';

eachSandbox((mode) => {
  let stage: Stage;
  let outside: string;
  const at = (path: string) => join(stage.worktree, path);

  beforeAll(async () => {
    stage = await makeStage({ sandbox: { mode } });
    outside = join(stage.repository.outside, 'secret.txt');
    await writeFile(outside, SECRET);
  });
  afterAll(() => stage.cleanup());

  const untouched = async () => {
    expect(await readFile(outside, 'utf8')).toBe(SECRET);
    expect(await readdir(stage.repository.outside)).toEqual(['secret.txt']);
  };

  it('A46 symlink-out: a link to a folder or a file outside is refused, for reading and for writing', async () => {
    await stage.run(
      `ln -sfn /etc out; ln -sfn ${stage.repository.outside} out2; ln -sfn ${outside} file-out; ln -sfn ../../../../x up; ln -sfn /proc/self/environ env; ln -sfn chain2 chain; ln -sfn ${outside} chain2`,
    );
    for (const path of [
      'out/passwd',
      'out2/secret.txt',
      'file-out',
      'up',
      'env',
      'chain',
      'out/../out2/secret.txt',
    ]) {
      const read = await stage.readFile(path);
      expect(read, path).toMatchObject({ ok: false });
      expect(JSON.stringify(read)).not.toContain(SECRET);
      expect(await stage.writeFile(path, 'owned'), path).toMatchObject({ ok: false });
    }
    expect(await stage.writeFile('out2/new/planted', 'owned')).toMatchObject({ ok: false });
    const said = await stage.readFile('file-out');
    expect(said.ok ? '' : said.problem).toMatch(/out of the worktree|does not exist/);
    await untouched();
  });

  it('A47 dotdot: paths that leave the worktree, and its prefix twin, are refused', async () => {
    const twin = `${stage.worktree}-evil`;
    await mkdir(twin);
    await writeFile(join(twin, 'x'), SECRET);
    const paths = [
      '../../x',
      '/etc/passwd',
      `${stage.worktree}/../../x`,
      `${twin}/x`,
      '../p1-evil/x',
      '..',
      outside,
      'src/../../p1-evil/x',
    ];
    for (const path of paths) {
      expect(await stage.readFile(path), path).toMatchObject({
        ok: false,
        problem: expect.stringContaining('outside the worktree'),
      });
      expect(await stage.writeFile(path, 'owned'), path).toMatchObject({
        ok: false,
        problem: expect.stringContaining('outside'),
      });
    }
    expect(await readFile(join(twin, 'x'), 'utf8')).toBe(SECRET);
    await rm(twin, { recursive: true });
    await untouched();
  });

  it('A44 gitfile-rewrite: nothing is written to .git or below, by no spelling and through no link', async () => {
    const before = await readFile(at('.git'), 'utf8');
    await stage.run('ln -s .git link-to-git; mkdir -p nested');
    for (const path of [
      '.git',
      './.git',
      'src/../.git',
      '.git/hooks/x',
      'link-to-git',
      '.GIT/config',
      'nested/.git/config',
      at('.git'),
    ]) {
      const written = await stage.writeFile(path, 'owned');
      expect(written, path).toMatchObject({
        ok: false,
        problem: expect.stringMatching(/read-only here. Use the commit tool/),
      });
    }
    expect(await readFile(at('.git'), 'utf8')).toBe(before);
    expect(await stage.writeFile('.gitignore', 'dist\n')).toMatchObject({ ok: true });
    expect(await stage.writeFile('.github/x', '')).toMatchObject({ ok: true });
  });

  it('refuses pipes, devices and folders without waiting on them', async () => {
    await promisify(execFile)('mkfifo', [at('pipe')]);
    await symlink('/dev/zero', at('zero'));
    expect(await stage.readFile('pipe')).toMatchObject({
      ok: false,
      problem: expect.stringContaining('not an ordinary file'),
    });
    expect(await stage.writeFile('pipe', 'x')).toMatchObject({
      ok: false,
      problem: expect.stringContaining('not an ordinary file'),
    });
    expect(await stage.readFile('zero')).toMatchObject({ ok: false });
    expect(await stage.readFile('src')).toMatchObject({
      ok: false,
      problem: expect.stringContaining('folder'),
    });
    expect(await stage.writeFile('src', 'x')).toMatchObject({
      ok: false,
      problem: expect.stringContaining('folder'),
    });
    expect(await stage.writeFile('src/', 'x')).toMatchObject({
      ok: false,
      problem: expect.stringContaining('folder'),
    });
    expect(await stage.readFile('.')).toMatchObject({
      ok: false,
      problem: expect.stringContaining('worktree itself'),
    });
    expect(await stage.writeFile('src/a.txt/b', 'x')).toMatchObject({
      ok: false,
      problem: expect.stringContaining('is a file'),
    });
    await rm(at('pipe'));
  });
});
