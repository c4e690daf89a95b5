import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { despiteStaleLock, locksOf } from '../../../src/git/run/stale.ts';

const branch = 'df/a/1';
let root: string;
let commonDir: string;
let admin: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'df-locks-'));
  commonDir = join(root, 'shop/.git');
  admin = join(commonDir, 'worktrees/w');
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function put(file: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, '');
  return file;
}

/** git fails once with these words. @returns how often it was started, and what was removed */
async function afterWords(words: string, code = 128): Promise<{ attempts: number; removed: string[] }> {
  const removed: string[] = [];
  let attempts = 0;
  const git = { staleLock: (file: string) => void removed.push(file) };
  await despiteStaleLock(git, locksOf({ commonDir, admin, folder: join(root, 'w') }, branch), async () => {
    attempts++;
    return { code: attempts === 1 ? code : 0, stdout: Buffer.from(''), stderr: words };
  });
  return { attempts, removed };
}

const taken = (file: string) => `Unable to create '${file}': File exists.`;

describe('words about a lock file', () => {
  it.each([
    'index',
    'HEAD',
    'dark-factory/tree-index',
    'dark-factory/advance-index',
    `../../refs/heads/${branch}`,
  ])('are believed of one that the factory has git make: %s', async (name) => {
    const lock = await put(`${join(admin, name)}.lock`);
    const words = `hint: x\nfatal: cannot lock ref 'HEAD': ${taken(lock)}\n\nAnother git process seems to be running\n`;
    expect(await afterWords(words)).toEqual({ attempts: 2, removed: [lock] });
  });

  it('A145: remove no other file, whichever way a filter leads there or says so', async () => {
    await put(join(admin, 'index'));
    const files = [
      await put(join(root, 'shop/poetry.lock')),
      await put(join(commonDir, 'index.lock')),
      await put(join(admin, 'index.lock')),
      await put(join(admin, 'locked.lock')),
    ];
    const before = (await readdir(root, { recursive: true })).sort();
    for (const words of [
      `  lfs.${taken(`${admin}/../../../poetry.lock`)}.x`,
      `fatal: ${taken(`${admin}/../../../poetry.lock`)}`,
      `fatal: ${taken(`${admin}/../w/index.lock`)}`,
      // Not git's own line.
      `warning: these keys are ignored: ${taken(join(admin, 'index.lock'))}`,
      ...files.filter((file) => file !== join(admin, 'index.lock')).map((file) => `fatal: ${taken(file)}`),
    ])
      for (const code of [1, 128])
        expect(await afterWords(words, code)).toEqual({ attempts: 1, removed: [] });
    expect((await readdir(root, { recursive: true })).sort()).toEqual(before);
  });
});
