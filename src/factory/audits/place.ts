import type { Project } from '../model/project.ts';
import type { Services } from '../../services.ts';
import type { JudgeHands } from './tools.ts';
import { scratchTrees, tidy } from '../../workers/gates/open.ts';

export interface AuditPlace {
  place: JudgeHands['place'];
  leave(): Promise<void>;
}

/**
 * Where an audit looks: a scratch tree of the audited commit, with the packages lent to it. So the judge sees what is committed,
 * whatever else lies in the agent's worktree, or whether there still is one.
 */
export async function openAuditPlace(
  services: Services,
  project: Project,
  commit: string,
): Promise<AuditPlace> {
  const tree = await services.workspace.scratchTree(project, { commit });
  return {
    place: tree.place,
    async leave() {
      await tree.remove();
      // Nobody else would remove what work on it left.
      if (ENDED.has(project.status)) await services.workspace.sweepScratchTrees(project.id, true);
    },
  };
}
