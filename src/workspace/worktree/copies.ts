import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Project } from '../../factory/model/project.ts';
import type { SealedFile } from '../../factory/model/sealing/sealed.ts';
import { orNull } from '../../lib/errno.ts';

/** Of one file. */
const LARGEST_BYTES = 16 * 1024 * 1024;

/**
 * Files of the owner's checkout that git does not track (a `.env`).
 *
 * @param paths `worktree.copy` of config.yaml
 * @returns with `missing`: what is not there, or no plain file
 */
export async function filesToCopy(
  paths: readonly string[],
  project: Pick<Project, 'repository'>,
): Promise<{ files: SealedFile[]; missing: string[] }> {
  const missing: string[] = [];
  const files: SealedFile[] = [];
  for (const path of paths) {
    const place = join(project.repository, path);
    const found = await orNull(stat(place));
    if (found === null || !found.isFile() || found.size > LARGEST_BYTES) missing.push(path);
    else files.push({ path, executable: (found.mode & 0o100) !== 0, content: await readFile(place) });
  }
  return { files, missing };
}
