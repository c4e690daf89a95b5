import { DarkFactoryError } from '../../lib/failure.ts';
import type { Project } from '../model/project.ts';
import type { GitManager } from '../ports.ts';

/** A branch of a decision that was not taken, and where it stands: with that it can be made again. */
export interface LostBranch {
  projectId: string;
  name: string;
  repository: string;
  branch: string;
  commit: string;
  removed: boolean;
}

/** Projects that explored an option of a decision which is over, and were not taken. Pure. */
function lostProjects(projects: readonly Project[]): Project[] {
  const over = projects.flatMap(({ forks }) => forks.filter(({ endedAt }) => endedAt !== undefined));
  return projects.filter(
    ({ id, settled }) =>
      settled &&
      over.some(
        ({ branches, choice }) =>
          choice?.projectId !== id && branches.some(({ projectId }) => projectId === id),
      ),
  );
}

/**
 * The branches of decisions that lost and are still there. Those that are named, and no others, are removed.
 *
 * @throws DarkFactoryError `usage`/`not_a_lost_branch` before anything is removed; `failed`/`branch_in_use`
 */
export async function lostBranches(
  git: Pick<GitManager, 'branchHead' | 'deleteBranch'>,
  projects: readonly Project[],
  { names, dryRun }: { names: readonly string[]; dryRun: boolean },
): Promise<LostBranch[]> {
  const found: LostBranch[] = [];
  for (const { id: projectId, name, repository, workBranch: branch } of lostProjects(projects)) {
    const commit = await git.branchHead(repository, branch).catch((error: unknown) => {
      // The repository is not there any more.
      if (error instanceof DarkFactoryError) return null;
      throw error;
    });
    if (commit !== null) found.push({ projectId, name, repository, branch, commit, removed: false });
  }
  const unknown = names.find((each) => !found.some(({ branch }) => branch === each));
  if (unknown !== undefined)
    throw new DarkFactoryError(
      'usage',
      'not_a_lost_branch',
      `${JSON.stringify(unknown.slice(0, 200))} is no branch of a decision that lost`,
      'Nothing was removed. df clean --branches lists those that are.',
    );
  for (const each of found) {
    if (!names.includes(each.branch)) continue;
    if (!dryRun) await git.deleteBranch(each.repository, each.branch, each.commit);
    each.removed = true;
  }
  return names.length === 0 ? found : found.filter(({ removed }) => removed);
}
