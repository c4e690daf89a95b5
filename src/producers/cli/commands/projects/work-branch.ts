import type { Project } from '../../../../factory/model/project.ts';
import type { GitManager } from '../../../../factory/ports.ts';
import { expecting } from '../../../../lib/errno.ts';
import { isFailure } from '../../../../lib/failure.ts';

/** What is said where `hasBranch` finds none: work may have been done all the same. */
export const NO_BRANCH =
  'It has no branch that can be read: the work ended before it began, or its branch was removed, or its repository is away';

/** Whether a project's branch is in its repository: it is made when the work begins, and is the owner's to remove. */
export async function hasBranch(
  git: Pick<GitManager, 'branchHead'>,
  { repository, workBranch }: Pick<Project, 'repository' | 'workBranch'>,
): Promise<boolean> {
  // The repository may not be there any more.
  return (await git.branchHead(repository, workBranch).catch(expecting(isFailure, null))) !== null;
}
