/** The two jobs of whoever writes a project's sealed checks. They ride on the queues of agents and gates, under a name of their own. */
import { saveStep } from '../../factory/agent/memory/agent-state.ts';
import { activeWhile, countTime } from '../../factory/lifecycle/steps/active-while.ts';
import { waitForMoney } from '../../factory/lifecycle/steps/not-now.ts';
import { SEALER } from '../../factory/model/sealing/sealer.ts';
import { tryOnBase } from '../../factory/sealing/base.ts';
import { settleChecks } from '../../factory/sealing/gate.ts';
import { takeSealingTurn } from '../../factory/sealing/turn.ts';
import { done, type JobResult } from '../../queues/jobs/result.ts';
import type { JobContext } from './processor.ts';
import { atSealing } from './sealing-step.ts';

type SealingJob = { projectId: string; step: number };

/** One turn of the writer. */
export function sealTurn(job: SealingJob, context: JobContext): Promise<JobResult> {
  const { state, memories, projectService } = context.services;
  return atSealing(job, context, async (deps, sealing) => {
    const { project, writer } = sealing;
    const at = { projectId: project.id, persona: SEALER };
    const memory = await memories.read(`${project.id}/${SEALER}`, state.journal(project.id, SEALER));
    await projectService.goOn(project.id);
    const turn = await activeWhile(context, project, (signal) =>
      takeSealingTurn(deps, sealing, memory, signal),
    );
    if (turn.stopped) return turn.result;
    await countTime(context, project.id, turn.ms);
    if (turn.value.kind === 'interrupted') return { outcome: 'interrupted', detail: 'the turn was cut' };
    if (turn.value.kind !== 'done') return waitForMoney(projectService, project.id, turn.value);
    await saveStep(deps, at);
    await projectService.wentWell(project.id);
    await projectService.dispatch(project.id);
    return done(`step ${writer.step} of the sealing: ${turn.value.outcome}`);
  });
}

/** A claim that the checks are complete. */
export function sealGate(job: SealingJob, context: JobContext): Promise<JobResult> {
  return atSealing(job, context, async (deps, sealing) => {
    const { project, sealWith } = sealing;
    const tried = await activeWhile(context, project, (signal) => tryOnBase(deps, project, sealWith, signal));
    if (tried.stopped) return tried.result;
    await countTime(context, project.id, tried.ms);
    const detail = await settleChecks(deps, sealing, tried.value);
    await context.services.projectService.dispatch(project.id);
    return done(detail);
  });
}
