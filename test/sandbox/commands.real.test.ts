import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hintFor } from '../../src/sandbox/run/hint.ts';
import { makeStage, type Stage } from './stage.ts';

describe.each(['bubblewrap', 'unshare', 'off'] as const)('%s', (mode) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await makeStage({ sandbox: { mode } });
  });
  afterAll(() => stage.cleanup());

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

  it('deps on the variables of the request, but for those that steer the loader outside', async () => {
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
    ).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(stage.run('echo x; sleep 0.1; echo y', { outputFile: '/dev/full' })).rejects.toMatchObject({
      kind: 'environment',
      code: 'output_unwritable',
    });
  });
});

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
