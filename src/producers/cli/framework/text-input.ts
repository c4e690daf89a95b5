import { open } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from '../../../lib/errno.ts';
import { DarkFactoryError, usageError } from '../../../lib/failure.ts';

/** More text than any description or key may have; what is longer is refused before it is read whole. Bytes. */
const MOST = 1024 * 1024;

/**
 * The text an option stands for: itself, the content of a file (`@FILE`) or of stdin (`-`). `@@` begins a text that really
 * begins with `@`.
 *
 * @throws DarkFactoryError `usage` when the file cannot be read, is too large or is no text
 */
export async function readText(
  option: string,
  value: string,
  { cwd, stdin }: { cwd: string; stdin: NodeJS.ReadStream },
  most = MOST,
): Promise<string> {
  if (value === '-') return decode(option, 'stdin', await readStream(option, stdin, most));
  if (value.startsWith('@@')) return value.slice(1);
  if (!value.startsWith('@')) return value;
  const file = path.resolve(cwd, value.slice(1));
  return decode(option, file, await readFileLimited(option, file, most));
}

/** Everything on stdin, as one text without the last line end. */
export async function readStdin(option: string, stdin: NodeJS.ReadStream): Promise<string> {
  return decode(option, 'stdin', await readStream(option, stdin, MOST)).replace(/\r?\n$/, '');
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

async function readStream(option: string, stdin: NodeJS.ReadStream, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stdin) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > most) throw tooLong(option, 'stdin', most);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function decode(option: string, source: string, bytes: Buffer): string {
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

function tooLong(option: string, source: string, most: number): DarkFactoryError {
  return usageError(
    'text_too_long',
    `${option} from ${source} is longer than ${most / 1024 / 1024} MiB`,
    'Put the details into a file of the repository and name that file',
  );
}
