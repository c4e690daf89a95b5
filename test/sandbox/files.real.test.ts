import { execFile } from 'node:child_process';
import { chmod, link, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeStage, type Stage } from './stage.ts';

const SECRET = 'secret of the host';

describe.each(['bubblewrap', 'unshare', 'off'] as const)('%s', (mode) => {
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

  it('reads a file by relative and by absolute path', async () => {
    expect(await stage.readFile('src/a.txt')).toEqual({ ok: true, value: 'one\n' });
    expect(await stage.readFile('./src/../src//a.txt')).toEqual({ ok: true, value: 'one\n' });
    expect(await stage.readFile(at('src/a.txt'))).toEqual({ ok: true, value: 'one\n' });
  });

  it('writes a whole file, makes its folders, and replaces a longer one', async () => {
    expect(await stage.writeFile('new/deep/file.txt', 'a longer first text\n')).toEqual({
      ok: true,
      value: undefined,
    });
    expect(await stage.writeFile('new/deep/file.txt', 'short')).toEqual({ ok: true, value: undefined });
    expect(await readFile(at('new/deep/file.txt'), 'utf8')).toBe('short');
  });

  it.each([
    ['shell characters', `$(touch owned); \`id\` "quoted" 'single' \\ %s %n \n*`],
    ['no characters', ''],
    ['a byte order mark, control characters and astral ones', '\ufeff\u0000\u001b[31m\u0001😀\r\n'],
    ['no line end', 'x'],
  ])('keeps content with %s as it is', async (_, content) => {
    expect(await stage.writeFile('content', content)).toMatchObject({ ok: true });
    expect(await readFile(at('content'), 'utf8')).toBe(content);
    expect(await stage.readFile('content')).toEqual({ ok: true, value: content });
  });

  it.each([
    'a b',
    "it's",
    '$(touch owned)',
    '-rf',
    '--',
    'a\nb',
    '*',
    'ünïcödé',
    '\\',
    'ends with newline\n',
  ])('takes the name %j literally', async (name) => {
    expect(await stage.writeFile(`names/${name}`, 'named')).toMatchObject({ ok: true });
    expect(await stage.writeFile(name, 'named')).toMatchObject({ ok: true });
    expect(await readFile(at(name), 'utf8')).toBe('named');
    expect(await stage.readFile(name)).toEqual({ ok: true, value: 'named' });
    expect(await readdir(stage.worktree)).not.toContain('owned');
    await rm(at(name));
  });

  it('writes and reads 10 MiB, refuses more', async () => {
    const content = 'ü'.repeat(5 * 1024 * 1024);
    expect(await stage.writeFile('large', content)).toMatchObject({ ok: true });
    expect((await stat(at('large'))).size).toBe(10 * 1024 * 1024);
    const read = await stage.readFile('large', 10 * 1024 * 1024);
    expect(read.ok && read.value === content).toBe(true);
    const refused = await stage.writeFile('large', `${content}x`);
    expect(refused).toMatchObject({ ok: false, problem: expect.stringContaining('10485761') });
    expect((await stat(at('large'))).size).toBe(10 * 1024 * 1024);
    await rm(at('large'));
  });

  it('says so when a file is larger than asked for', async () => {
    await writeFile(at('six'), '123456');
    expect(await stage.readFile('six', 6)).toEqual({ ok: true, value: '123456' });
    expect(await stage.readFile('six', 5)).toMatchObject({
      ok: false,
      problem: expect.stringContaining('larger than 5 bytes'),
    });
  });

  it('keeps the executable bit and what else links to the file', async () => {
    await writeFile(at('script.sh'), 'old');
    await chmod(at('script.sh'), 0o755);
    await link(at('script.sh'), at('other-name'));
    await stage.writeFile('script.sh', 'new');
    expect((await stat(at('script.sh'))).mode & 0o777).toBe(0o755);
    expect(await readFile(at('other-name'), 'utf8')).toBe('new');
    await stage.writeFile('plain', 'x');
    expect((await stat(at('plain'))).mode & 0o777).toBe(0o644);
  });

  it('follows a symbolic link that stays in the worktree', async () => {
    await symlink('src/a.txt', at('alias'));
    await symlink('src', at('folder-alias'));
    expect(await stage.readFile('alias')).toEqual({ ok: true, value: 'one\n' });
    expect(await stage.writeFile('folder-alias/b.txt', 'two')).toMatchObject({ ok: true });
    expect(await readFile(at('src/b.txt'), 'utf8')).toBe('two');
  });

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

  it('words a missing file, an empty path and bytes that are no text for the model', async () => {
    expect(await stage.readFile('nothing.txt')).toEqual({
      ok: false,
      problem: 'nothing.txt does not exist.',
    });
    expect(await stage.readFile('no/such/folder.txt')).toEqual({
      ok: false,
      problem: 'no/such/folder.txt does not exist.',
    });
    expect(await stage.readFile('')).toMatchObject({ ok: false });
    expect(await stage.readFile('a\0b')).toMatchObject({ ok: false });
    expect(await stage.readFile('x'.repeat(5_000))).toMatchObject({ ok: false });
    await writeFile(at('binary'), Buffer.from([0xff, 0xfe, 0x00, 0x80]));
    expect(await stage.readFile('binary')).toMatchObject({
      ok: false,
      problem: expect.stringContaining('not UTF-8'),
    });
  });

  it('serves many at the same time', async () => {
    const names = Array.from({ length: 16 }, (_, index) => `many/${index % 4}/${index}`);
    const written = await Promise.all(names.map((name) => stage.writeFile(name, name)));
    expect(written.filter(({ ok }) => !ok)).toEqual([]);
    const read = await Promise.all(names.map((name) => stage.readFile(name)));
    expect(read).toEqual(names.map((value) => ({ ok: true, value })));
  });
});
