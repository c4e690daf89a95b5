import { chmod, lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isAbsent } from './places.ts';

/**
 * Removes a folder and everything in it, also where an agent took the permission away. Symbolic links are removed, not
 * followed. Nothing there is fine.
 */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    const refused = error instanceof Error && 'code' in error && /^(EACCES|EPERM)$/.test(String(error.code));
    if (!refused) throw error;
    await openFolders(path);
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function openFolders(folder: string): Promise<void> {
  try {
    if (!(await lstat(folder)).isDirectory()) return;
    await chmod(folder, 0o700);
    for (const entry of await readdir(folder, { withFileTypes: true }))
      if (entry.isDirectory()) await openFolders(join(folder, entry.name));
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
}
