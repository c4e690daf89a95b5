/** Files that survive a crash: what these functions have returned for is on disk, whole. */

import { constants, statSync } from 'node:fs';
import { copyFile, link, mkdir, rename, unlink, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode, isMissing } from '../../lib/errno.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import { asEnvironmentError } from '../../lib/file-failure.ts';
import { createFile, type FileKey, type OpenFile, openFile } from './open-file.ts';

export { asEnvironmentError } from '../../lib/file-failure.ts';
export type { FileKey } from './open-file.ts';

/** Only the owner reads what the factory keeps. */
export const FILE_MODE = 0o600;
export const FOLDER_MODE = 0o700;

export function sameKey(a: FileKey, b: FileKey): boolean {
  return a.inode === b.inode && a.modifiedNs === b.modifiedNs && a.size === b.size;
}

/** @returns `null` when there is no such file */
export function fileKey(path: string): FileKey | null {
  try {
    const { ino, mtimeNs, size } = statSync(path, { bigint: true });
    return { inode: ino, modifiedNs: mtimeNs, size: Number(size) };
  } catch (error) {
    if (isMissing(error)) return null;
    throw asEnvironmentError(error, path);
  }
}

/** Makes names in a folder (new, renamed, removed ones) survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const open = openFile(folder, constants.O_RDONLY);
  try {
    await open.sync('all');
  } finally {
    open.close();
  }
}

export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
  } catch (error) {
    throw asEnvironmentError(error, folder);
  }
}

/**
 * Writes a new file and forces it to disk; the folder is not synced. `path` must not exist yet.
 *
 * @returns the key of what was written, which a rename keeps
 */
export async function writeNewFile(path: string, data: string | Buffer): Promise<FileKey> {
  const file = await createFile(path, FILE_MODE);
  try {
    await file.write(typeof data === 'string' ? Buffer.from(data) : data);
    await file.sync('all');
    return file.key();
  } finally {
    file.close();
  }
}

/**
 * Replaces a file whole: write aside, fsync, rename, fsync of the folder. A reader sees the old content or the new one.
 *
 * @param temporary a path in the same folder that nobody else uses; gone afterwards, also on failure
 * @param beforeRename the last word: when it throws, nothing is replaced
 * @returns the key of the new content
 */
export async function replaceFile(
  path: string,
  data: string | Buffer,
  temporary: string,
  beforeRename?: () => Promise<void>,
): Promise<FileKey> {
  try {
    const key = await writeNewFile(temporary, data);
    await beforeRename?.();
    await rename(temporary, path);
    await syncFolder(dirname(path));
    return key;
  } catch (error) {
    await removeQuietly(temporary);
    throw asEnvironmentError(error, path);
  }
}

/**
 * Puts a copy of a file in its place: whoever has the file open does not reach the copy, and nobody takes it for what they knew.
 *
 * @param temporary as for `replaceFile`
 */
export async function putCopyInPlace(path: string, temporary: string): Promise<void> {
  await copyFile(path, temporary);
  // Numbers of files are used again, and times are coarse: a file of just now might have the same key.
  await utimes(temporary, new Date(), new Date(0));
  const copy = openFile(temporary, constants.O_RDONLY);
  try {
    await copy.sync('all');
  } finally {
    copy.close();
  }
  await rename(temporary, path);
  await syncFolder(dirname(path));
}

/**
 * Puts a new file in its place with its whole content, unless there is one: of several that make it at once, one does.
 *
 * @param temporary a path in the same folder that nobody else uses; gone afterwards, also on failure
 * @returns whether this call made it
 */
export async function addFile(path: string, data: string | Buffer, temporary: string): Promise<boolean> {
  try {
    await writeNewFile(temporary, data);
    await link(temporary, path);
    await syncFolder(dirname(path));
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw asEnvironmentError(error, path);
  } finally {
    await removeQuietly(temporary);
  }
}

/** Removes a file that may be gone already. */
export async function removeQuietly(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/**
 * Opens a file for reading.
 *
 * @returns `null` when there is none
 */
export function openToRead(path: string): OpenFile | null {
  try {
    return openFile(path, constants.O_RDONLY);
  } catch (error) {
    if (isMissing(error)) return null;
    throw asEnvironmentError(error, path);
  }
}

/**
 * Reads a whole file of at most `maxBytes`.
 *
 * @returns the bytes and their key (from the same open file, so that they belong together), or `null` when there is none
 */
export async function readWhole(
  path: string,
  maxBytes: number,
): Promise<{ data: Buffer; key: FileKey } | null> {
  const file = openToRead(path);
  if (file === null) return null;
  try {
    const key = file.key();
    if (key.size > maxBytes) {
      const problem = `it has ${key.size} bytes; at most ${maxBytes} are read`;
      throw unreadable(path, problem, 'Look at what wrote it.');
    }
    return { data: await file.read(0, key.size), key };
  } catch (error) {
    throw asEnvironmentError(error, path);
  } finally {
    file.close();
  }
}

/** A state file that must not be trusted, and is therefore never overwritten. */
export function unreadable(file: string, problem: string, remedy: string, cause?: unknown): DarkFactoryError {
  const options = cause === undefined ? undefined : { cause };
  return new DarkFactoryError('environment', 'state_unreadable', `${file}: ${problem}.`, remedy, options);
}
