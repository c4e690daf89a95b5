import type { JournalWriter } from '../../factory/ports.ts';
import type { Project } from '../../factory/model/project.ts';
import { awaitsSealing, SEALER, type SealWith } from '../../factory/model/sealer.ts';
import { atStep } from './lease.ts';
import type { JobContext } from './processor.ts';
import { type JobResult, skipped } from '../../queues/jobs/result.ts';

/** One step of the writing of a project's sealed checks. */
export interface SealingStep {
  project: Project;
  sealWith: SealWith;
  writer: JournalWriter;
}

/**
 * Leases a step of whoever writes sealed checks, where they are still to be written.
 *
 * @param instead asked before the lease: what is done instead of the step, if anything
 */
export async function atSealing(
  { projectId, step }: { projectId: string; step: number },
  context: JobContext,
  work: (sealing: SealingStep) => Promise<JobResult>,
  instead: (project: Project) => Promise<JobResult | null> = async () => null,
): Promise<JobResult> {
  const project = await context.services.state.project(projectId).get();
  const { sealWith } = project.settings;
  if (project.status !== 'active') return skipped(`the project is ${project.status}`);
  if (sealWith === undefined || !awaitsSealing(project)) return skipped('the checks are sealed');
  const other = await instead(project);
  if (other !== null) return other;
  return atStep(context, { projectId, persona: SEALER, step }, (writer) =>
    work({ project, sealWith, writer }),
  );
}
