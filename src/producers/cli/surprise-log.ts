import { appendFile, mkdir } from 'node:fs/promises';
import path from 'node:path';

/**
 * Keeps the stack of a surprise, one JSON line, readable by the owner alone.
 *
 * @returns the file, or `null` when it could not be written (the disk may be the surprise)
 */
export async function writeSurprise(folder: string, error: unknown, now: Date): Promise<string | null> {
  const file = path.join(folder, `cli-errors.${now.toISOString().slice(0, 10)}.log`);
  const entry = {
    time: now.toISOString(),
    level: 'error',
    command: process.argv[2],
    node: process.version,
    error: describe(error),
  };
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await appendFile(file, `${JSON.stringify(entry)}\n`, { mode: 0o600 });
    return file;
  } catch {
    return null;
  }
}

function describe(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  return {
    name: error.name,
    message: error.message,
    stack: error.stack,
    ...(error.cause === undefined ? {} : { cause: describe(error.cause) }),
  };
}
