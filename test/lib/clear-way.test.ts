import { chmod, lstat, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { clearWay, openFolders } from '../../src/lib/clear-way.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'df-way-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const modeOf = async (path: string) => ((await stat(join(root, path))).mode & 0o777).toString(8);

test('A46 symlink-out: folders on the way that a command has closed are opened, what a link leads to is not', async () => {
  await mkdir(join(root, 'home'), { mode: 0o555 });
  await mkdir(join(root, 'tree/a/b'), { recursive: true });
  await symlink(join(root, 'home'), join(root, 'tree/a/b/c'));
  for (const path of ['tree/a/b', 'tree/a', 'tree']) await chmod(join(root, path), 0o555);
  expect(await clearWay(join(root, 'tree'), 'a/b/c')).toBe(join(root, 'tree/a/b/c'));
  expect(await Promise.all(['tree', 'tree/a', 'tree/a/b', 'home'].map(modeOf))).toEqual([
    '755',
    '755',
    '755',
    '555',
  ]);
  // On the way it goes itself.
  expect(await clearWay(join(root, 'tree'), 'a/b/c/d')).toBe(join(root, 'tree/a/b/c/d'));
  expect((await lstat(join(root, 'tree/a/b/c'))).isDirectory()).toBe(true);
  expect(await modeOf('home')).toBe('555');
});

test('folders that a command has closed are opened, one within the other too, and nothing that a link leads to', async () => {
  await mkdir(join(root, 'home'), { mode: 0o500 });
  await mkdir(join(root, 'tree/a/b/c'), { recursive: true });
  await writeFile(join(root, 'tree/a/x'), '', { mode: 0o400 });
  await symlink(join(root, 'home'), join(root, 'tree/a/b/link'));
  for (const path of ['tree/a/b/c', 'tree/a/b', 'tree/a']) await chmod(join(root, path), 0o000);
  await openFolders(join(root, 'tree'));
  const paths = ['tree', 'tree/a', 'tree/a/b', 'tree/a/b/c', 'tree/a/x', 'home'];
  expect(await Promise.all(paths.map(modeOf))).toEqual(['755', '700', '700', '700', '400', '500']);
});

test('folders on the way that are open stay as they are', async () => {
  await mkdir(join(root, 'tree/a'), { recursive: true, mode: 0o700 });
  await writeFile(join(root, 'tree/a/b'), '');
  await clearWay(join(root, 'tree'), 'a/b');
  expect(await modeOf('tree/a')).toBe('700');
});
