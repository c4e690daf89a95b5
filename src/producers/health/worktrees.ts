import { statSync } from 'node:fs';
import { projectOrNull } from '../../factory/decisions/tree/tree.ts';
import type { HealthFacts } from '../../factory/diagnosis/facts.ts';
import { ENDED, type Project } from '../../factory/model/project.ts';
import { several } from '../../lib/async/several.ts';
import type { Services } from '../../services.ts';

/** Worktrees looked at at a time: for each a git may be started. */
const AT_ONCE = 8;

/** Those of the open projects that have a worktree by their state, and none that can be worked in. */
export async function lostWorktrees(
  { state, git }: Pick<Services, 'state' | 'git'>,
  open: readonly Project[],
): Promise<HealthFacts['withoutWorktree']> {
  const found = await several(AT_ONCE, open.filter(hasWorktree), async (project) => {
    const problem = await problemOf(git, project);
    if (problem === null) return [];
    const { id, name, worktreePath: path } = project;
    // It may have ended, been removed, or given its place away since its document was read.
    const now = await projectOrNull(state, id);
    return now !== null && hasWorktree(now) ? [{ id, name, path, ...problem }] : [];
  });
  return found.flat();
}

const hasWorktree = ({ prepared, status }: Project): boolean => prepared && !ENDED.has(status);

/** `null`: it is sound. */
async function problemOf(
  git: Pick<Services['git'], 'validateWorktree'>,
  { repository, worktreePath }: Project,
): Promise<{ problem?: string } | null> {
  if (statSync(worktreePath, { throwIfNoEntry: false }) === undefined) return {};
  try {
    if (await git.validateWorktree(repository, worktreePath)) return null;
    return {
      problem: `its .git file, its registration in ${repository} or its branch is not as it was made`,
    };
  } catch (error) {
    // Whatever it is: that it cannot be looked at is what health tells.
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
