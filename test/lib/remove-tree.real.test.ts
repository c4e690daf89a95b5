import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, lchown, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Compiled, compile } from '../support/compiled.ts';

const run = promisify(execFile);
const NOBODY = 65_534;
const PROGRAM = new URL('ordinary-user.ts', import.meta.url);
let compiled: Compiled;
beforeAll(async () => {
  compiled = await compile(PROGRAM);
});
afterAll(() => compiled.remove());

async function stage() {
  const root = await mkdtemp(join(tmpdir(), 'df-remove-'));
  onTestFinished(async () => {
    await run('chmod', ['-R', 'u+rwX', root]);
    await rm(root, { recursive: true });
  });
  await mkdir(join(root, 'home/keys'), { recursive: true });
  await writeFile(join(root, 'home/keys/key'), 'k');
  await mkdir(join(root, 'tree/closed'), { recursive: true });
  return {
    root,
    at: (path: string) => join(root, path),
    modeOf: async (path: string) => ((await stat(join(root, path))).mode & 0o777).toString(8),
    /** With all of this an ordinary user's. */
    async remove(...paths: string[]) {
      if (process.getuid?.() === 0)
        for (const name of ['', ...(await readdir(root, { recursive: true }))])
          await lchown(join(root, name), NOBODY, NOBODY);
      // This file's own.
      await chmod(tmpdir(), 0o711);
      const known = await mkdtemp(join(tmpdir(), 'df-known-'));
      const args = [compiled.file(PROGRAM), known, ...paths.map((path) => join(root, path))];
      return run(process.execPath, args, { cwd: root });
    },
  };
}

describe('the removal of what commands left', () => {
  it('A46 symlink-out: opens nothing behind a link in a closed folder, and says that it could not', async () => {
    const s = await stage();
    await symlink(s.at('home'), s.at('tree/closed/conftest.py'));
    await chmod(s.at('home/keys/key'), 0o400);
    await chmod(s.at('home/keys'), 0o500);
    await chmod(s.at('home'), 0o500);
    await chmod(s.at('tree/closed'), 0o500);
    await expect(s.remove('tree/closed/conftest.py')).rejects.toThrow(/could not be removed/);
    expect(await Promise.all(['home', 'home/keys', 'home/keys/key'].map(s.modeOf))).toEqual([
      '500',
      '500',
      '400',
    ]);
  });

  it('takes folders along that a command has closed', async () => {
    const s = await stage();
    await mkdir(s.at('tree/closed/deep'));
    await writeFile(s.at('tree/closed/deep/file'), 'x');
    await symlink(s.at('home'), s.at('tree/closed/deep/link'));
    await chmod(s.at('tree/closed/deep'), 0o0);
    await chmod(s.at('tree/closed'), 0o500);
    await s.remove('tree');
    expect(existsSync(s.at('tree'))).toBe(false);
    expect(await s.modeOf('home/keys/key')).toBe('644');
  });
});
