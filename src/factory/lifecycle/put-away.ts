import { DarkFactoryError } from '../../lib/failure.ts';
import type { Project } from '../model/project.ts';
import { listFindings } from '../model/secrets/secrets-found.ts';
import type { GitManager, LeftOutFile, StateStore, WorkDeps, Workspace } from '../ports.ts';
import { type RemoveDeps, removeWorktree, saveWorktree } from './remove-worktree.ts';

export interface PutAwayDeps extends RemoveDeps, Pick<WorkDeps, 'record'> {
  git: GitManager;
  state: Pick<StateStore, 'saveOutput'>;
  workspace: Pick<Workspace, 'cleanup'>;
}

/**
 * Commits what is left in the worktree of a project that has ended, and takes the worktree away unless it stays. What cannot
 * be committed stays where it is, and is told.
 */
export async function putAway(
  deps: PutAwayDeps,
  project: Project,
  { message, stays = false }: { message: string; stays?: boolean },
): Promise<void> {
  const save = () => commitRest(deps, project, message);
  try {
    if (stays) await saveWorktree(deps, project, save);
    else await removeWorktree(deps, project, { save, saved: () => deps.workspace.cleanup(project) });
  } catch (error) {
    if (!(error instanceof DarkFactoryError) || error.code !== 'worktree_unsaved') throw error;
    await deps.record({
      projectId: project.id,
      type: 'worktree.unsaved',
      level: 'warn',
      message: `Not saved at the end: ${error.message}. ${error.hint}`,
    });
  }
}

/** A file with keys is not committed. Its text is kept for the owner alone: the worktree goes. */
async function commitRest(
  { state, git, clock, record }: PutAwayDeps,
  project: Project,
  message: string,
): Promise<void> {
  const left: LeftOutFile[] = [];
  const trailers = { project: project.id, step: `end/${clock.now().toISOString()}` };
  const unreadable: string[] = [];
  await git.commitChanges(
    project.repository,
    project.worktreePath,
    message,
    trailers,
    (files) => left.push(...files),
    (what) => unreadable.push(what),
  );
  const tell = (why: string, data: { findings?: unknown; file?: string } = {}) =>
    record({
      projectId: project.id,
      type: 'commit.left_out',
      level: 'warn',
      message: `Not committed at the end, for ${why}.`,
      data,
    });
  if (unreadable.length > 0) await tell(`it cannot be read: ${unreadable.join('; ')}`);
  for (const { path, text, findings } of left) {
    const file = await state.saveOutput(project.id, `left-out-${path}`, text);
    await tell(`it holds keys: ${listFindings(findings)}. Its text is in ${file}`, { findings, file });
  }
}
