import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SealedFile } from '../../factory/model/sealed.ts';
import type { Project } from '../../factory/model/project.ts';
import type { Services } from '../../services.ts';
import { orNull } from '../files.ts';

/** Bytes of one file. */
const LARGEST = 16 * 1024 * 1024;

/**
 * Files of the owner's checkout that git does not track (a `.env`), as `worktree.copy` of config.yaml names them.
 *
 * @returns with `missing`: what is not there, or no plain file
 */
export async function filesToCopy(
  { config }: Pick<Services, 'config'>,
  project: Pick<Project, 'repository'>,
): Promise<{ files: SealedFile[]; missing: string[] }> {
  const missing: string[] = [];
  const files: SealedFile[] = [];
  for (const path of config.worktree.copy) {
    const place = join(project.repository, path);
    const found = await orNull(stat(place));
    if (found === null || !found.isFile() || found.size > LARGEST) missing.push(path);
    else files.push({ path, executable: (found.mode & 0o100) !== 0, content: await readFile(place) });
  }
  return { files, missing };
}

/** Tells the owner what could not be copied. */
export async function tellMissing(
  services: Pick<Services, 'config' | 'record'>,
  project: Pick<Project, 'id' | 'repository'>,
): Promise<void> {
  const { missing } = await filesToCopy(services, project);
  if (missing.length === 0) return;
  await services.record({
    projectId: project.id,
    type: 'worktree.not_copied',
    level: 'warn',
    message: `Not copied into the worktree, for the checkout has no such file: ${missing.join(', ')}.`,
  });
}
