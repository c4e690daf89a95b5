import { open } from 'node:fs/promises';
import { errorCode } from '../../lib/errno.ts';
import { DarkFactoryError, usageError } from '../../lib/failure.ts';

/** More text than any description or key may have; what is longer is refused before it is read whole. Bytes. */
export const MOST_TEXT_BYTES = 1024 * 1024;

/**
 * A text file of the owner's.
 *
 * @param option what it is for, as they know it
 * @throws DarkFactoryError `usage` when the file cannot be read, is too large or is no text
 */
export async function readTextFile(option: string, file: string, most = MOST_TEXT_BYTES): Promise<string> {
  return decode(option, file, await readFileLimited(option, file, most));
}

async function readFileLimited(option: string, file: string, most: number): Promise<Buffer> {
  const opened = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    throw unreadable(option, file, reason(error));
  });
  try {
    const buffer = Buffer.alloc(most + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await opened.read(buffer, length, buffer.length - length, null);
      length += bytesRead;
      if (length > most) throw tooLong(option, file, most);
      if (bytesRead === 0) return buffer.subarray(0, length);
    }
  } catch (error) {
    if (error instanceof DarkFactoryError) throw error;
    throw unreadable(option, file, reason(error));
  } finally {
    await opened.close();
  }
}

export function decode(option: string, source: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // The decoder throws for one reason alone.
    throw unreadable(option, source, 'it is not UTF-8 text');
  }
}

function reason(error: unknown): string {
  const code = errorCode(error);
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'EACCES') return 'it may not be read';
  return String(error);
}

function unreadable(option: string, source: string, why: string): DarkFactoryError {
  return usageError(
    'text_unreadable',
    `${option} cannot be read from ${source}: ${why}`,
    'Name a text file after @, write the text itself, or give - and pipe it in',
  );
}

/** It may be longer by anything. */
export function tooLong(option: string, source: string, most: number): DarkFactoryError {
  return usageError(
    'text_too_long',
    `${option} from ${source} is longer than ${most / 1024 / 1024} MiB`,
    'Put the details into a file of the repository and name that file',
  );
}
