import { chmod, lstat, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { orNull } from './errno.ts';

/**
 * Makes the folders in which `path` lies in a tree of the factory's own, in which no command runs. A link or a file in their
 * place goes: a command may have put it there to lead what is written, mounted or removed at `path` out of the tree. One that a
 * command has closed is opened.
 *
 * @param path relative, without `..`
 * @returns the absolute place of `path`, whatever stands there itself
 */
export async function clearWay(tree: string, path: string): Promise<string> {
  const parts = path.split('/');
  await isOpened(tree);
  for (let depth = 1; depth < parts.length; depth++) {
    const folder = join(tree, ...parts.slice(0, depth));
    if (await isOpened(folder)) continue;
    await rm(folder, { force: true });
    await mkdir(folder);
  }
  return join(tree, path);
}

/** @returns whether there is a folder, which now lets its owner in */
async function isOpened(folder: string): Promise<boolean> {
  const found = await orNull(lstat(folder));
  if (!found?.isDirectory()) return false;
  if ((found.mode & 0o700) !== 0o700) await chmod(folder, (found.mode & 0o7777) | 0o700);
  return true;
}
