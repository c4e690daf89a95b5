import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SealedFile } from '../../factory/gates/sealed.ts';
import type { Project } from '../../factory/project/project.ts';
import type { Services } from '../../services.ts';
import { layFiles } from './sealed.ts';

/** Bytes of one file. */
const LARGEST = 16 * 1024 * 1024;

/**
 * Copies files of the owner's checkout that git does not track (a `.env`) into a new worktree, as `worktree.copy` of
 * config.yaml names them. What is not there, or no plain file, is left out and told.
 */
export async function copyFiles(
  { config, record }: Pick<Services, 'config' | 'record'>,
  project: Pick<Project, 'id' | 'repository' | 'worktreePath'>,
): Promise<void> {
  const missing: string[] = [];
  const files: SealedFile[] = [];
  for (const path of config.worktree.copy) {
    const place = join(project.repository, path);
    const found = await stat(place).catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && /^(ENOENT|ENOTDIR)$/.test(String(error.code)))
        return null;
      throw error;
    });
    if (found === null || !found.isFile() || found.size > LARGEST) missing.push(path);
    else files.push({ path, executable: (found.mode & 0o100) !== 0, content: await readFile(place) });
  }
  await layFiles(project.worktreePath, files);
  if (missing.length === 0) return;
  await record({
    projectId: project.id,
    type: 'worktree.not_copied',
    level: 'warn',
    message: `Not copied into the worktree, for the checkout has no such file: ${missing.join(', ')}.`,
  });
}
