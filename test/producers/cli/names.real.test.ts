import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { typedName } from '../../../src/lib/process/programs.ts';

const PROGRAM = fileURLToPath(new URL('../../../dist/bin/df.js', import.meta.url));

let folder: string;
/** Stands first on the PATH: this program under both names, and a package manager's script around it. */
let bin: string;
let shims: string;
/** Stands for the system: a `df` that says what it was given. */
let system: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'names-'));
  [bin = '', shims = '', system = ''] = ['bin', 'shims', 'system'].map((name) => join(folder, name));
  for (const each of [bin, shims, system]) await mkdir(each);
  for (const name of ['df', 'dark-factory']) await symlink(PROGRAM, join(bin, name));
  await script(join(shims, 'df'), `exec "${process.execPath}" "${PROGRAM}" "$@"`);
  await script(join(system, 'df'), 'printf "system:"; printf " [%s]" "$@"; exit 3');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function script(file: string, text: string): Promise<void> {
  await writeFile(file, `#!/bin/sh\n${text}\n`);
  await chmod(file, 0o755);
}

/** Types a command line at a shell with this PATH before that of the tests. */
function typed(first: readonly string[], line: string): Promise<{ code: number; stdout: string }> {
  const PATH = [...first, dirname(process.execPath), '/usr/bin', '/bin'].join(':');
  return new Promise((resolve) => {
    execFile(
      '/bin/sh',
      ['-c', line],
      { cwd: folder, env: { PATH, DF_HOME: join(folder, 'home') } },
      (error, stdout) => resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout }),
    );
  });
}

describe('a shell with this package on its PATH', () => {
  test('gets the system’s df for paths and options of that, with its streams and exit code', async () => {
    expect(await typed([bin, system], 'df -k "a b" | cat; df -h')).toEqual({
      code: 3,
      stdout: 'system: [-k] [a b]system: [-h]',
    });
  });

  test('gets it also through a package manager’s script that starts this program', async () => {
    expect(await typed([shims, bin, system], 'df /')).toMatchObject({ stdout: 'system: [/]' });
  });

  test('gets the machine’s own where the PATH has no other', async () => {
    expect(await typed([bin], 'df -P /')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Filesystem/),
    });
  });

  test('keeps this program’s help under its other name', async () => {
    expect(await typed([bin, system], 'dark-factory -h')).toMatchObject({
      stdout: expect.stringMatching(/^Usage: dark-factory/),
    });
  });
});

describe('the name in printed commands', () => {
  test('is the one that leads to this program when it is typed', () => {
    expect(typedName('df', PROGRAM, `${bin}:${system}`)).toBe('df');
    expect(typedName('dark-factory', PROGRAM, `${bin}:${system}`)).toBe('dark-factory');
  });

  test('is the other name where the system’s df stands before it', () => {
    expect(typedName('df', PROGRAM, `${system}:${bin}`)).toBe('dark-factory');
  });

  test('is the path where neither leads to it', () => {
    expect(typedName('df', PROGRAM, `${system}:relative`)).toBe(PROGRAM);
  });
});
