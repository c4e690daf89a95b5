import { mergeJob } from '../../factory/decisions/merge/merge-job.ts';
import { baselineGate } from '../../factory/gates/run/baseline.ts';
import { manualGate } from '../../factory/gates/run/manual.ts';
import { putAwayAfterGate } from '../../factory/lifecycle/close.ts';
import { atStep } from '../../factory/lifecycle/steps/step-lease.ts';
import { SEALER } from '../../factory/model/sealing/sealer.ts';
import { claimGate } from '../../factory/tasks/proof/claim-gate.ts';
import type { Payload } from '../../queues/jobs/catalogue.ts';
import { done, type JobResult, skipped } from '../../queues/jobs/result.ts';
import { whenDiskSpace } from '../maintenance/disk-space.ts';
import { inGateSlot } from '../maintenance/gate-slots.ts';
import { gateDeps } from '../steps/deps.ts';
import type { JobContext, Processor } from '../steps/processor.ts';
import { sealGate } from '../steps/sealing.ts';

/** Runs a persona's acceptance criteria: on the base commit, at a claim of being done, or because somebody asked. */
export const processor: Processor<'quality-gates'> = whenDiskSpace(
  () => true,
  (payload, context) => inGateSlot(context.services, () => act(payload, context)),
);

async function act(payload: Payload<'quality-gates'>, context: JobContext): Promise<JobResult> {
  const deps = await gateDeps(context);
  switch (payload.kind) {
    case 'baseline':
      return baselineGate(deps, payload);
    case 'finish': {
      if (payload.persona === SEALER) return sealGate(payload, context);
      const project = await deps.state.project(payload.projectId).get();
      if (project.status !== 'active') return skipped(`the project is ${project.status}`);
      const held = await context.services.projectService.holdForAnswer(project, payload.persona, true);
      if (held !== null) return done(held);
      return atStep(context, payload, (writer) => claimGate(deps, project, payload.persona, writer));
    }
    case 'manual':
      return manualGate({ ...deps, putAway: (project) => putAwayAfterGate(deps, project) }, payload);
    case 'merge':
      return mergeJob(deps, payload.projectId);
  }
}
