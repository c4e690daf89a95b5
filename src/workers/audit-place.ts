import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { ENDED, type Project } from '../factory/project/project.ts';
import type { Services } from '../services.ts';
import type { JudgeHands } from './audit-tools.ts';

export interface AuditPlace {
  place: JudgeHands['place'];
  leave(): Promise<void>;
}

/**
 * Where an audit looks. While agents are at work that is a scratch tree of the audited commit, so that the judge sees what
 * it judges and not what is half written; else it is the worktree, which is made again for a project that has ended.
 */
export async function openAuditPlace(
  { git, home }: Pick<Services, 'git' | 'home'>,
  project: Project,
  commit: string,
  busy: boolean,
): Promise<AuditPlace> {
  const { repository, gitDir, worktreePath } = project;
  if (busy) {
    const folder = join(home.worktrees, `audit-${project.id.slice(0, 8)}-${randomBytes(4).toString('hex')}`);
    await git.createScratchTree({ repository, folder, commit });
    return {
      place: { worktree: folder, gitDir },
      leave: () => git.removeScratchTree(repository, folder),
    };
  }
  const there = await git.validateWorktree(repository, worktreePath);
  if (!there) {
    await git.createWorktree({
      repository,
      worktree: worktreePath,
      branch: project.workBranch,
      commit: project.baseCommit,
    });
  }
  return {
    place: { worktree: worktreePath, gitDir },
    async leave() {
      if (!there && ENDED.has(project.status)) await git.deleteWorktree(repository, worktreePath);
    },
  };
}
