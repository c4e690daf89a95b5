import * as z from 'zod';
import { end } from '../factory/project/lifecycle.ts';
import { ENDED } from '../factory/project/project.ts';
import { DarkFactoryError } from '../lib/failure.ts';
import type { Services } from '../services.ts';
import type { Remedy } from './recovery.ts';

const ofProject = z.object({ projectId: z.uuid() });

/**
 * Carries out what the recovery table decided for a project, so that no failed job leaves one stuck without a word.
 * Whatever goes wrong here is logged: the job's own failure is the one that counts.
 */
export async function afterFailure(
  services: Services,
  payload: unknown,
  error: unknown,
  remedy: Remedy,
): Promise<void> {
  const parsed = ofProject.safeParse(payload);
  if (!parsed.success) return;
  const { projectId } = parsed.data;
  const what = error instanceof Error ? error.message : String(error);
  const reason = error instanceof DarkFactoryError ? `${what.replace(/\.$/, '')}. ${error.hint}` : what;
  try {
    if (remedy.act === 'pause_project') await services.desk.pauseFor(projectId, 'owner', reason);
    if (remedy.act === 'prepare_again' && (await isWhole(services, projectId)))
      await services.desk.pauseFor(projectId, 'owner', reason);
    else if (remedy.act === 'prepare_again') {
      await services.state
        .project(projectId)
        .update((current) => (ENDED.has(current.status) ? current : { ...current, prepared: false }));
      await services.record({ projectId, type: 'worktree.lost', level: 'warn', message: reason });
      await services.desk.dispatch(projectId);
    }
    if (remedy.act === 'fail_project') {
      await services.state
        .project(projectId)
        .update((current) =>
          end(current, services.clock.now(), 'failed', `The factory could not go on: ${reason}`),
        );
      await services.record({ projectId, type: 'project.failed', level: 'error', message: reason });
      await services.desk.dispatch(projectId);
    }
  } catch (problem) {
    services.log.error({ projectId, err: problem }, 'the failure could not be put down');
  }
}

/** The worktree is as it should be: to make it again would change nothing. */
async function isWhole({ git, state }: Services, projectId: string): Promise<boolean> {
  const { repository, worktreePath } = await state.project(projectId).get();
  return git.validateWorktree(repository, worktreePath).catch((error) => {
    // The repository itself is what is wrong.
    if (error instanceof DarkFactoryError) return true;
    throw error;
  });
}
