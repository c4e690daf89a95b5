import { activeWhile, countTime } from '../../factory/lifecycle/steps/active-while.ts';
import { waitForMoney } from '../../factory/lifecycle/steps/not-now.ts';
import { atRound } from '../../factory/lifecycle/steps/round-lease.ts';
import { AUDITOR } from '../../factory/model/agents.ts';
import { end } from '../../factory/model/lifecycle.ts';
import { reviewRound, saveReview } from '../../factory/review/order.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import { done, type JobResult, skipped } from '../../queues/jobs/result.ts';
import { auditDeps } from './deps.ts';
import type { JobContext } from './processor.ts';

/** Reviews a change that somebody made: finders say what they find, and the factory looks whether it is so. */
export async function review(projectId: string, round: number, context: JobContext): Promise<JobResult> {
  const { services } = context;
  const { state, clock, projectService } = services;
  const begun = await state
    .project(projectId)
    .update((current) => (current.status === 'initializing' ? { ...current, status: 'active' } : current));
  const { review: order, status } = begun;
  if (order === undefined || order.outcome !== undefined || status !== 'active')
    return skipped(`there is nothing to review: the project is ${status}`);
  return atRound(context, { projectId, persona: AUDITOR, step: round }, async (writer) => {
    await projectService.goOn(projectId);
    const deps = await auditDeps(services);
    const reviewed = await activeWhile(context, begun, (signal) =>
      reviewRound(deps, begun, order, writer, signal).catch((error: unknown) => {
        // Tried again it would fail again: whoever ordered the review waits, and is told why.
        if (error instanceof DarkFactoryError && error.code === 'setup_failed') return error;
        throw error;
      }),
    );
    if (reviewed.stopped) return reviewed.result;
    await countTime(context, projectId, reviewed.ms);
    const { value } = reviewed;
    if (value === 'interrupted') return { outcome: 'interrupted', detail: 'the review was cut' };
    if (value instanceof DarkFactoryError) {
      const why = `Its packages cannot be installed: ${value.message}`;
      await state.project(projectId).update((current) => end(current, clock.now(), 'failed', why));
      await projectService.dispatch(projectId);
      return done(why);
    }
    if ('notNow' in value) return waitForMoney(projectService, projectId, value.notNow);
    const outcome = await saveReview(deps, projectId, writer, value);
    await projectService.wentWell(projectId);
    await projectService.dispatch(projectId);
    return done(outcome);
  });
}
