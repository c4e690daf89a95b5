/** Sealed checks on disk: the owner's folder, and the copy of it in a project's folder, that no sandbox shows. */

import { randomBytes } from 'node:crypto';
import { lstat, readdir, readFile, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SealedFile } from '../../factory/model/sealing/sealed.ts';
import { isMissing, orNull } from '../../lib/errno.ts';
import { DarkFactoryError, usageError } from '../../lib/failure.ts';
import { makeFolder, removeQuietly, replaceFile, syncFolder } from '../files/files.ts';

/** Below a project's folder. */
export const SEALED_FOLDER = 'sealed';
const MOST_FILES = 5_000;
const MOST_BYTES = 64 * 1024 * 1024;
/** Belong to a tool, not to the checks. */
const LEFT_OUT: ReadonlySet<string> = new Set(['.git', 'node_modules', '__pycache__', '.DS_Store']);

/**
 * Every file below a folder of the owner's, in order of path.
 *
 * @returns the folder without symbolic links on the way, and its files
 * @throws DarkFactoryError `usage`: `sealed_unreadable`, `sealed_empty`, `sealed_unusual` (a symbolic link, a socket),
 *   `sealed_too_large`
 */
export async function readSealedFolder(given: string): Promise<{ folder: string; files: SealedFile[] }> {
  const folder = await realpath(given).catch(() => given);
  const files = await filesBelow(folder).catch((error: unknown) => {
    if (error instanceof DarkFactoryError) throw error;
    const why = isMissing(error) ? 'is no folder' : 'cannot be read';
    throw usageError(
      'sealed_unreadable',
      `${given} ${why}`,
      'Give a folder with acceptance tests: --sealed DIR.',
    );
  });
  if (files.length > 0) return { folder, files };
  throw usageError('sealed_empty', `${given} holds no files`, 'Put the acceptance tests there first.');
}

/** The copy in a project's folder. @returns `null` when it is not there */
export async function readSealed(projectFolder: string): Promise<SealedFile[] | null> {
  return orNull(filesBelow(join(projectFolder, SEALED_FOLDER)));
}

/** Puts one file into the copy, whole, or takes it out. @param path as `sealedPathProblem` lets it in */
export async function writeSealed(
  projectFolder: string,
  path: string,
  content: Buffer | null,
): Promise<void> {
  const file = join(projectFolder, SEALED_FOLDER, path);
  if (content === null) {
    await removeQuietly(file);
    return syncFolder(dirname(file));
  }
  await makeFolder(dirname(file));
  // Not in the folder itself: what a crash leaves there would count as one of the files.
  await replaceFile(file, content, join(projectFolder, `.sealed-${randomBytes(8).toString('hex')}`));
}

async function filesBelow(top: string): Promise<SealedFile[]> {
  const files: SealedFile[] = [];
  let bytes = 0;
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of await readdir(join(top, folder), { withFileTypes: true })) {
      if (LEFT_OUT.has(entry.name)) continue;
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        folders.push(path);
        continue;
      }
      const info = await lstat(join(top, path));
      if (!info.isFile())
        throw usageError(
          'sealed_unusual',
          `${join(top, path)} is no plain file`,
          'Put a copy of it there instead.',
        );
      bytes += info.size;
      if (bytes > MOST_BYTES || files.length >= MOST_FILES)
        throw usageError(
          'sealed_too_large',
          `${top} holds more than ${MOST_FILES} files or ${MOST_BYTES / 1024 / 1024} MiB`,
          'Keep only the acceptance tests there.',
        );
      const content = await readFile(join(top, path));
      files.push({ path, executable: (info.mode & 0o100) !== 0, content });
    }
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}
