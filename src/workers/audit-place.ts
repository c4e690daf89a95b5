import { ENDED, type Project } from '../factory/project/project.ts';
import type { Services } from '../services.ts';
import type { JudgeHands } from './audit-tools.ts';
import { scratchTrees } from './gates/open.ts';

export interface AuditPlace {
  place: JudgeHands['place'];
  leave(): Promise<void>;
}

/**
 * Where an audit looks. While agents are at work that is a scratch tree of the audited commit, with the dependencies lent
 * to it, so that the judge sees what it judges and not what is half written; else it is the worktree, which is made again for a project that has ended.
 */
export async function openAuditPlace(
  services: Services,
  project: Project,
  commit: string,
  busy: boolean,
): Promise<AuditPlace> {
  const { git } = services;
  const { repository, gitDir, worktreePath } = project;
  if (busy) {
    const tree = await scratchTrees(services).create(project, { commit });
    return { place: tree.place, leave: () => tree.remove() };
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
