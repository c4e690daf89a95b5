import { chmodSync, lstatSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { orNullSync } from './errno.ts';
import { runProgram } from './process/run-program.ts';
import { SYSTEM_PATH } from './remove-tree.ts';

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
  isOpened(tree);
  for (let depth = 1; depth < parts.length; depth++) {
    const folder = join(tree, ...parts.slice(0, depth));
    if (isOpened(folder)) continue;
    await rm(folder, { force: true });
    await mkdir(folder);
  }
  return join(tree, path);
}

/** @returns whether there is a folder, which now lets its owner in */
export function isOpened(folder: string): boolean {
  const found = orNullSync(() => lstatSync(folder));
  if (!found?.isDirectory()) return false;
  if ((found.mode & 0o700) !== 0o700) chmodSync(folder, (found.mode & 0o7777) | 0o700);
  return true;
}

/** Opens all folders of such a tree that a command has closed, also one within the other. Links are not followed. */
export async function openFolders(tree: string): Promise<void> {
  const closed = [tree, '-type', 'd', '!', '-perm', '-700'];
  // What cannot be opened is told by whoever needs it.
  await runProgram('find', [...closed, '-exec', 'chmod', 'u+rwx', '{}', ';'], { env: { PATH: SYSTEM_PATH } });
}
