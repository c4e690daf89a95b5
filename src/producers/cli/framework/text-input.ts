import path from 'node:path';
import { decode, MOST_TEXT_BYTES, readTextFile, tooLong } from '../../../state/files/text-file.ts';

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
  most = MOST_TEXT_BYTES,
): Promise<string> {
  if (value === '-') return decode(option, 'stdin', await readStream(option, stdin, most));
  if (value.startsWith('@@')) return value.slice(1);
  if (!value.startsWith('@')) return value;
  return readTextFile(option, path.resolve(cwd, value.slice(1)), most);
}

/** Everything on stdin, as one text without the last line end. */
export async function readStdin(option: string, stdin: NodeJS.ReadStream): Promise<string> {
  return decode(option, 'stdin', await readStream(option, stdin, MOST_TEXT_BYTES)).replace(/\r?\n$/, '');
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
