import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { chmod, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRunGit, type RunGit } from '../../../src/git/run/run.ts';
import { LOOP } from '../../../src/git/start/shells.ts';
import { framed } from '../../../src/lib/process/frames.ts';
import { processIds, readProc } from '../../../src/lib/process/others.ts';
import { makeRepository, type TestRepository } from '../../support/repository.ts';
import { until } from '../../support/until.ts';

/** Longer than between two gits of a test. Milliseconds. */
const PATIENCE = 1_000;

let repository: TestRepository;
let bin: string;
beforeEach(async () => {
  repository = await makeRepository();
  bin = join(repository.outside, 'bin');
  await mkdir(bin);
});
afterEach(async () => {
  await until(() => shells().length === 0);
  await repository.cleanup();
});

/** The shells of this test. */
const shells = (): number[] =>
  (processIds() ?? []).filter(
    (pid) =>
      readProc(pid, 'cmdline')?.includes('exec git') === true &&
      readProc(pid, 'environ')?.includes(`${repository.env['HOME']}`) === true,
  );

/** A program named git with a body of our own. */
async function fakeGit(body: string): Promise<RunGit> {
  await writeFile(join(bin, 'git'), `#!/bin/bash\n${body}\n`);
  await chmod(join(bin, 'git'), 0o755);
  const env = { ...repository.env, PATH: `${bin}:${repository.env['PATH'] ?? ''}` };
  return createRunGit({ env, shellPatienceMs: PATIENCE });
}

/** Forgets the arguments that are always there. */
const OWN = 'while [ "$1" != begin ]; do shift || exit 0; done';

describe.runIf(process.platform === 'linux')('gits that come one after the other', () => {
  it('are started by one small process, and nothing of it stays', async () => {
    const run = createRunGit({ env: repository.env, shellPatienceMs: PATIENCE });
    for (let n = 0; n < 5; n += 1)
      expect((await run(['--version'])).stdout.toString()).toMatch(/^git version /);
    expect(shells()).toHaveLength(1);
    await until(() => shells().length === 0);
  });

  it('each get their words as they are, and none is run, parted or filled in', async () => {
    const run = await fakeGit(`${OWN}; printf '%s\\0' "$@"`);
    const odd = [
      '',
      ' ',
      '$(touch canary)',
      '`id`',
      "it's",
      '"',
      '*',
      '~',
      '{a,b}',
      'a\nb\n',
      '\\',
      '-n',
      'äöü 漢字 🙂',
      '\x1f',
      'x'.repeat(100_000),
    ];
    for (const word of [...odd, odd.filter((each) => each.length < 1_000).join(' ')]) {
      const { stdout } = await run(['begin', word, 'end']);
      expect(stdout.toString()).toBe(`begin\0${word}\0end\0`);
      expect((await run(['begin', word])).stdout.toString()).toBe(`begin\0${word}\0`);
    }
  });

  it('each get their own variables, and no other of the shell’s', async () => {
    const run = await fakeGit('env');
    const told = async (variables?: Record<string, string>) =>
      (await run(['x'], variables === undefined ? {} : { variables })).stdout.toString();
    const plain = await told();
    expect(plain).toMatch(/^GIT_LITERAL_PATHSPECS=1$/m);
    expect(plain).not.toMatch(/df_|OLDPWD/);
    const own = await told({ GIT_LITERAL_PATHSPECS: '0', GIT_INDEX_FILE: '/a b/$HOME' });
    expect(own).toMatch(/^GIT_LITERAL_PATHSPECS=0$/m);
    expect(own).toMatch(/^GIT_INDEX_FILE=\/a b\/\$HOME$/m);
    expect(await told()).toBe(plain);
  });

  it('answer with every byte of both streams and their exit code, side by side', async () => {
    const run = await fakeGit(`${OWN}; cat "$2"; tail -c "$3" "$2" >&2; exit "$4"`);
    const all = Array.from({ length: 8 }, async (_, n) => {
      const file = join(repository.outside, `bytes-${n}`);
      const bytes = Buffer.from(
        Uint8Array.from({ length: 300_000 + n }, (_each, at) => (at * (n + 7)) % 251),
      );
      await writeFile(file, bytes);
      const code = [0, 1, 2, 126, 128, 129, 255, 3][n] ?? 0;
      const answer = await run(['begin', file, '100', String(code)]);
      expect(answer.code).toBe(code);
      expect(answer.stdout.equals(bytes)).toBe(true);
      expect(answer.stderr).toBe(bytes.subarray(-100).toString('utf8'));
    });
    await Promise.all(all);
  });

  it('A145: may say whatever they like: also what a shell says that has no process left, in letters of several bytes', async () => {
    const said = 'x: fork: Cannot allocate memory: größer 漢字 🙂\n'.repeat(30);
    const run = await fakeGit(`${OWN}; printf '%s' "$2" >&2`);
    for (let longer = 0; longer < 6; longer += 1) {
      const words = `bash: fork: retry: Resource temporarily unavailable\n${said}${'.'.repeat(longer)}`;
      expect(await run(['begin', words])).toMatchObject({ code: 0, stderr: words });
    }
  });

  it('are not mixed up with what an earlier one has left behind', async () => {
    const go = join(repository.outside, 'go');
    const run = await fakeGit(
      `${OWN}; [ "$2" = leave ] && { (until [ -e '${go}' ]; do :; done; echo late; echo late >&2) & }; echo "$2"`,
    );
    expect((await run(['begin', 'leave'])).stdout.toString()).toBe('leave\n');
    const [before] = shells();
    await writeFile(go, '');
    await until(() => !shells().some((pid) => pid === before));
    expect(await run(['begin', 'next'])).toMatchObject({ code: 0, stderr: '' });
  });

  it('say so when there is none, when it cannot be started, and when it ended itself by a signal', async () => {
    await symlink('/bin/bash', join(bin, 'bash'));
    const without = createRunGit({ env: { ...repository.env, PATH: bin }, shellPatienceMs: PATIENCE });
    await expect(without(['x'])).rejects.toMatchObject({ code: 'git_missing' });
    await writeFile(join(bin, 'git'), '#!/nowhere\n', { mode: 0o755 });
    await expect(without(['x'])).rejects.toMatchObject({ code: 'git_missing' });
    const run = await fakeGit('kill -ABRT $$');
    expect((await run(['x'])).code).toBe(128);
  });

  it('A180 git-ended: are no answer when somebody else ended them, as the kernel does for want of memory', async () => {
    const run = await fakeGit(`${OWN}; kill "-$2" $$`);
    for (const signal of ['KILL', 'TERM'])
      for (const call of [{}, { input: 'started directly' }])
        await expect(run(['begin', signal], call)).rejects.toMatchObject({
          code: 'machine_exhausted',
          message: expect.stringContaining(`SIG${signal}`),
        });
  });

  it('end with all that they started when they take too long, and so do those whose shell was killed', async () => {
    const pidFile = join(repository.outside, 'pid');
    const run = await fakeGit(`[[ " $* " == *first* ]] || { sleep 300 & echo $! > ${pidFile}; sleep 300; }`);
    const isGone = async () => readProc(Number(await readFile(pidFile, 'utf8')), 'stat') === null;
    await expect(run(['x'], { timeoutMs: 200 })).rejects.toMatchObject({ code: 'git_timeout' });
    await until(isGone);
    await rm(pidFile);
    const said = expect(run(['x'])).rejects.toMatchObject({ code: 'EAGAIN' });
    await until(async () => (await readFile(pidFile, 'utf8')).endsWith('\n'));
    for (const pid of shells()) process.kill(pid, 'SIGKILL');
    await said;
    await until(isGone);
    expect((await run(['first'])).code).toBe(0);
  });

  it('A144: do not begin any more once the process that asked for them is gone', async () => {
    await fakeGit(`echo begun >> ${join(repository.outside, 'begun')}`);
    const begun = () => readFile(join(repository.outside, 'begun'), 'utf8').catch(() => '');
    const env = { ...repository.env, LC_ALL: 'C', PATH: `${bin}:${repository.env['PATH'] ?? ''}` };
    const frame = framed(['mark', '0', 'x'].join('\x1f'));
    // All that a process which is gone has left: the frame, and then the end.
    const left = join(repository.outside, 'left');
    await writeFile(left, frame);
    for (const stays of [true, false]) {
      const input = stays ? 'pipe' : openSync(left, 'r');
      const shell = spawn('bash', ['--noprofile', '--norc', '-c', LOOP], {
        env,
        stdio: [input, 'pipe', 'ignore'],
      });
      if (typeof input === 'number') closeSync(input);
      shell.stdin?.write(frame);
      if (stays) await once(shell.stdout as Readable, 'data');
      shell.stdin?.end();
      await once(shell, 'close');
      expect(await begun()).toBe('begun\n');
    }
  });

  it('may remove their locks when they are ended', async () => {
    const mark = join(repository.outside, 'tidied');
    const run = await fakeGit(`trap 'sleep 0.2; echo yes > ${mark}; exit 143' TERM; sleep 300 & wait`);
    await expect(run(['x'], { timeoutMs: 200 })).rejects.toMatchObject({ code: 'git_timeout' });
    expect(await readFile(mark, 'utf8')).toBe('yes\n');
  });
});
