import { createHash } from 'node:crypto';
import { chmod, link, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SandboxMechanism } from '../../src/factory/ports.ts';
import { makeStage, type Stage } from '../sandbox/stage.ts';

const SECRET = 'secret of the host';

/** What every sandbox promises of commands and files. What it keeps out is tested by `test/sandbox`. */
export function sandboxContract(mode: SandboxMechanism): void {
  let stage: Stage;
  let outside: string;
  const at = (path: string) => join(stage.worktree, path);

  beforeAll(async () => {
    stage = await makeStage({ sandbox: { mode } });
    outside = join(stage.repository.outside, 'secret.txt');
    await writeFile(outside, SECRET);
  });
  afterAll(() => stage.cleanup());

  describe('a command', () => {
    it.each([
      ['true', 0],
      ['exit 42', 42],
      ['no-such-command-here', 127],
      ['kill -TERM $$', 143],
      ['kill -KILL $$', 137],
      ['sh -c "kill -SEGV \\$\\$"', 139],
      ['if', 2],
    ])('gives the exit code of %j', async (command, exitCode) => {
      expect(await stage.run(command)).toMatchObject({ exitCode, ended: 'exit', truncated: false });
    });

    it('keeps both streams in the order in which they came', async () => {
      const result = await stage.run(
        'for i in 1 2 3 4 5; do echo out$i; echo err$i >&2; done; echo a > /dev/stderr; echo b > /dev/stdout',
      );
      expect(result.output).toBe('out1\nerr1\nout2\nerr2\nout3\nerr3\nout4\nerr4\nout5\nerr5\na\nb\n');
      const file = await readFile(stage.outputFile);
      expect(file.toString()).toBe(result.output);
      expect(result).toMatchObject({
        outputBytes: file.length,
        outputHash: createHash('sha256').update(file).digest('hex'),
      });
    });

    it('runs in the worktree, in bash, with standard input closed', async () => {
      const result = await stage.run(
        'pwd; cat; read x || echo no input; [[ a == a ]] && echo "bash $BASH_VERSION"',
      );
      expect(result.output).toMatch(/^(.*)\nno input\nbash \d+.*\n$/);
      expect(result.output.split('\n')[0]).toBe(stage.worktree);
    });

    it('passes on the variables of the request, but for those that steer the loader outside', async () => {
      const env = { GREETING: 'it is "quoted" $HOME\nsecond line', LD_PRELOAD: '/x.so', 'NOT-A-NAME': 'x' };
      const result = await stage.run('printf %s "$GREETING"; env | grep -c -e LD_ -e NOT-A', { env });
      expect(result.output).toBe(`${env.GREETING}0\n`);
    });

    it('runs a command of several lines and of 300 KB, and says why it cannot run one with a NUL', async () => {
      expect((await stage.run('x=1\ncat <<EOF\nvalue $x\nEOF\n# comment')).output).toBe('value 1\n');
      const words = `ü${'x'.repeat(299)}😀 `.repeat(1_000);
      const long = await stage.run(`printf %s '${words}' | wc -c; echo $#`);
      expect(long.output).toBe(`${Buffer.byteLength(words)}\n0\n`);
      expect(await stage.run('echo a\0b')).toMatchObject({
        exitCode: 126,
        output: expect.stringContaining('NUL'),
      });
      expect(await stage.run(`: ${'x'.repeat(600_000)}`)).toMatchObject({ exitCode: 126 });
      expect(await readFile(stage.outputFile, 'utf8')).toContain('longer than');
    });

    it('shows the model plain text, head and tail of long output, and characters whole', async () => {
      const coloured = await stage.run("printf '\\033[31mred\\033[0m \\033]52;c;AAAA\\007\\001\\r\\n'");
      expect(coloured.output).toBe('red ␁\n');
      expect(await readFile(stage.outputFile, 'utf8')).toContain('\u001b[31m');

      const long = await stage.run('for i in $(seq 20000); do echo "zeile ü $i"; done');
      expect(Buffer.byteLength(long.output)).toBeLessThanOrEqual(16 * 1024);
      expect(long.output).toMatch(/^zeile ü 1\n/);
      expect(long.output).toMatch(/\n\[… \d+ of \d+ bytes left out …\]\n/);
      expect(long.output).toMatch(/zeile ü 20000\n$/);
      expect(long.output).not.toContain('\ufffd');
    });

    it('runs many at the same time, each with its own output', async () => {
      const results = await Promise.all(
        Array.from({ length: 12 }, (_, index) =>
          stage.run(`sleep 0.0${index % 5}; echo ${index}; echo ${index} >&2`, {
            outputFile: `${stage.outputFile}-${index}`,
          }),
        ),
      );
      expect(results.map(({ output }) => output)).toEqual(results.map((_, index) => `${index}\n${index}\n`));
    });

    it('git status, diff, log and show work and take no locks', async () => {
      await writeFile(join(stage.worktree, 'README.md'), '# Changed\n');
      const result = await stage.run(
        'git status --short && git diff --stat && git log --oneline && git show --stat HEAD && git blame README.md && git rev-parse --abbrev-ref HEAD',
      );
      expect(result, result.output).toMatchObject({ exitCode: 0 });
      expect(result.output).toMatch(/^ M README\.md$/m);
      expect(result.output).toMatch(/First/);
      expect(result.output).toMatch(/df\/test/);
    });

    it('runs in a worktree whose path has spaces, quotes and other characters of the shell', async () => {
      const strange = join(stage.home, 'data', 'worktrees', `a b'c"d$e#f\\g ü`);
      await stage.repository.git('worktree', 'add', '--quiet', '-b', 'df/strange', strange);
      const result = await stage.run('pwd; echo x > y && git status --short', { worktree: strange });
      expect(result.output).toBe(`${strange}\n?? y\n`);
      expect(await readFile(join(strange, 'y'), 'utf8')).toBe('x\n');
      await stage.repository.git('worktree', 'remove', '--force', strange);
    });

    it('an output file that cannot be written is an error of the environment', async () => {
      await expect(
        stage.run('true', { outputFile: join(stage.home, 'no', 'such', 'folder') }),
      ).rejects.toMatchObject({ kind: 'environment', code: 'output_unwritable' });
      await expect(stage.run('echo x; sleep 0.1; echo y', { outputFile: '/dev/full' })).rejects.toMatchObject(
        {
          kind: 'environment',
          code: 'output_unwritable',
        },
      );
    });
  });

  describe('a file of the worktree', () => {
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
}
