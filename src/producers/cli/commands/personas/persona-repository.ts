import path from 'node:path';
import type { GitManager } from '../../../../factory/ports.ts';
import { DarkFactoryError } from '../../../../lib/failure.ts';

/**
 * The repository whose `personas/` count first.
 *
 * @param given what `--repo` says; missing: the current folder, if it is in a repository
 * @returns its top folder, `null` when nothing was given and there is none here
 */
export async function repositoryOf(
  git: GitManager,
  cwd: string,
  given: string | undefined,
): Promise<string | null> {
  try {
    return (await git.inspectRepository(path.resolve(cwd, given ?? '.'))).root;
  } catch (error) {
    if (given === undefined && error instanceof DarkFactoryError) return null;
    throw error;
  }
}
