import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { usageError } from '../../../lib/failure.ts';
import type { CommandContext } from './context.ts';

/** Writes what `--output` asks for. Without a text only tries whether it can be written, and leaves what is there. @returns where */
export async function writeOutput(
  { cwd }: Pick<CommandContext, 'cwd'>,
  output: string,
  text?: string,
): Promise<string> {
  const file = path.resolve(cwd, output);
  const flag = text === undefined ? 'a' : 'w';
  await writeFile(file, text ?? '', { flag }).catch((error: NodeJS.ErrnoException) => {
    throw usageError(
      'output_unwritable',
      `${file} cannot be written: ${error.message}`,
      'Give --output a file in a folder that exists and that you may write to',
    );
  });
  return file;
}
