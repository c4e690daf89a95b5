import { writeFile } from 'node:fs/promises';
import type { LeftOutFile } from '../ports.ts';
import type { Project } from '../model/project.ts';
import { listFindings } from '../model/secrets-found.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import type { Services } from '../../services.ts';
import { removeWorktree, saveWorktree } from './remove-worktree.ts';

/**
 * Commits what is left in the worktree of a project that has ended, and takes the worktree away unless it stays. What cannot
 * be committed stays where it is, and is told.
 */
export async function putAway(
  services: Services,
  project: Project,
  { message, stays = false }: { message: string; stays?: boolean },
): Promise<void> {
  const save = () => commitRest(services, project, message);
  try {
    if (stays) await saveWorktree(services, project, save);
    else await removeWorktree(services, project, { save, saved: () => services.workspace.cleanup(project) });
  } catch (error) {
    if (!(error instanceof DarkFactoryError) || error.code !== 'worktree_unsaved') throw error;
    await services.record({
      projectId: project.id,
      type: 'worktree.unsaved',
      level: 'warn',
      message: `Not saved at the end: ${error.message}. ${error.hint}`,
    });
  }
}

/** A file with keys is not committed. Its text is kept for the owner alone: the worktree goes. */
async function commitRest(
  { state, git, clock, record }: Services,
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
  if (unreadable.length > 0)
    await record({
      projectId: project.id,
      type: 'commit.left_out',
      level: 'warn',
      message: `Not committed at the end, for it cannot be read: ${unreadable.join('; ')}.`,
      data: {},
    });
  for (const { path, text, findings } of left) {
    const { file, relative } = await state.newOutput(project.id, `left-out-${path}`);
    await writeFile(file, text, { mode: 0o600 });
    await record({
      projectId: project.id,
      type: 'commit.left_out',
      level: 'warn',
      message: `Not committed at the end, for it holds keys: ${listFindings(findings)}. Its text is in ${relative}.`,
      data: { findings, file: relative },
    });
  }
}
