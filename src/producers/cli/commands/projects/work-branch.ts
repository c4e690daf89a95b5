import type { Project } from '../../../../factory/model/project.ts';
import type { GitManager } from '../../../../factory/ports.ts';
import { DarkFactoryError } from '../../../../lib/failure.ts';

/** Whether a project's branch is in its repository: it is made when the work begins, and is the owner's to remove. */
export async function hasBranch(
  git: Pick<GitManager, 'branchHead'>,
  { repository, workBranch }: Pick<Project, 'repository' | 'workBranch'>,
): Promise<boolean> {
  try {
    return (await git.branchHead(repository, workBranch)) !== null;
  } catch (error) {
    // The repository is not there any more.
    if (error instanceof DarkFactoryError) return false;
    throw error;
  }
}
