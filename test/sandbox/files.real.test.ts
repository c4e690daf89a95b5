import { chmod, link, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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
