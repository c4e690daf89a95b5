import { lstat, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { orNull } from './errno.ts';

/**
 * Makes the folders in which `path` lies in a tree of the factory's own. A link or a file in their place goes: a command
 * may have put it there to lead what is written, mounted or removed at `path` out of the tree.
 *
 * @param path relative, without `..`
 * @returns the absolute place of `path`, whatever stands there itself
 */
export async function clearWay(tree: string, path: string): Promise<string> {
  const parts = path.split('/');
  for (let depth = 1; depth < parts.length; depth++) {
    const folder = join(tree, ...parts.slice(0, depth));
    if ((await orNull(lstat(folder)))?.isDirectory()) continue;
    await rm(folder, { force: true });
    await mkdir(folder);
  }
  return join(tree, path);
}
