/** What a child project has of its parent besides its own first documents. */
import { join } from 'node:path';
import { readWhole } from '../files/files.ts';
import { MAX_LOG_BYTES } from '../logs/lines.ts';
import { listOutputs } from './outputs.ts';
import type { NewFile } from './project-folders.ts';
import { readSealed, SEALED_FOLDER } from './sealed.ts';

/**
 * Journals of these personas as far as there are any, up to their last whole line; sealed checks; outputs, which evidence and
 * conversations name.
 *
 * @param folder the parent's
 * @returns by name relative to the child's folder
 */
export async function inherited(folder: string, personas: readonly string[]): Promise<Map<string, NewFile>> {
  const files = new Map<string, NewFile>();
  for (const persona of personas) {
    const name = join('agents', `${persona}.jsonl`);
    const journal = await readWhole(join(folder, name), MAX_LOG_BYTES);
    if (journal !== null) files.set(name, journal.data.subarray(0, journal.data.lastIndexOf('\n') + 1));
  }
  for (const { path, executable, content } of (await readSealed(folder)) ?? [])
    files.set(join(SEALED_FOLDER, path), executable ? { data: content, executable } : content);
  for (const name of await listOutputs(folder))
    files.set(join('output', name), { sameAs: join(folder, 'output', name) });
  return files;
}
