import { atStep } from '../../factory/lifecycle/steps/step-lease.ts';
import { awaitsSealing, SEALER } from '../../factory/model/sealing/sealer.ts';
import type { SealingDeps, SealingStep } from '../../factory/sealing/deps.ts';
import { unstuck, whyStuck } from '../../factory/sealing/turn.ts';
import { done, type JobResult, skipped } from '../../queues/jobs/result.ts';
import { sealingDeps } from './deps.ts';
import type { JobContext } from './processor.ts';

/**
 * Leases a step of whoever writes sealed checks, where they are still to be written. A project whose checks could not be written is
 * paused instead. The state is put right after the pause, so that a crash in between pauses once more instead of going on.
 */
export async function atSealing(
  { projectId, step }: { projectId: string; step: number },
  context: JobContext,
  work: (deps: SealingDeps, sealing: SealingStep) => Promise<JobResult>,
): Promise<JobResult> {
  const { state, projectService } = context.services;
  const project = await state.project(projectId).get();
  const { sealWith } = project.settings;
  if (project.status !== 'active') return skipped(`the project is ${project.status}`);
  if (sealWith === undefined || !awaitsSealing(project)) return skipped('the checks are sealed');
  const stuck = whyStuck(await state.agent(projectId, SEALER).get());
  if (stuck !== null) {
    await projectService.pauseFor(projectId, 'owner', stuck);
    await state.agent(projectId, SEALER).update(unstuck);
    return done(stuck);
  }
  const at = { projectId, persona: SEALER, step };
  return atStep(context, at, async (writer) =>
    work(await sealingDeps(context, at), { project, sealWith, writer }),
  );
}
