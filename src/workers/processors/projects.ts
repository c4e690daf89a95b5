import { restProject } from '../../factory/backlog/rest.ts';
import { evaluateJob, forkJob } from '../../factory/decisions/fork/fork-jobs.ts';
import { intakeJobs } from '../../factory/intake/jobs.ts';
import { closeProject } from '../../factory/lifecycle/close.ts';
import { reconcile } from '../../factory/lifecycle/dispatch.ts';
import { lostJobEvent } from '../../factory/lifecycle/lost-jobs.ts';
import { prepareProject } from '../../factory/lifecycle/prepare.ts';
import { watchJobs } from '../../factory/watching/jobs.ts';
import type { Payload } from '../../queues/jobs/catalogue.ts';
import { done, type JobResult, skipped } from '../../queues/jobs/result.ts';
import { whenDiskSpace } from '../maintenance/disk-space.ts';
import { sweep } from '../maintenance/sweep.ts';
import { projectDeps } from '../steps/deps.ts';
import type { JobContext, Processor } from '../steps/processor.ts';
import { telling } from '../steps/telling.ts';

/** Prepares, forks and ends projects, and looks for lost work. */
export const processor: Processor<'projects'> = whenDiskSpace(
  ({ action }) => action === 'start',
  telling(act),
);

function act(payload: Payload<'projects'>, context: JobContext): Promise<JobResult> {
  const deps = projectDeps(context);
  switch (payload.action) {
    case 'start':
      return prepareProject(deps, payload.projectId);
    case 'stop':
      return closeProject(deps, payload);
    case 'fork':
      return forkJob(deps, payload.projectId);
    case 'weigh':
      return evaluateJob(deps, payload.projectId);
    case 'rest':
      return restProject(deps, payload.projectId);
    case 'schedule':
      return runSchedule(context, payload.scheduleId);
    case 'reconcile':
      return findLostWork(context);
  }
}

/** Redis only wakes the worker: whether anything is due, the state says. */
async function runSchedule({ services }: JobContext, id: string): Promise<JobResult> {
  const runs = await services.schedules.runDue(id);
  return runs === null ? skipped('nothing is due') : done(runs.map(({ detail }) => detail).join(' '));
}

async function findLostWork({ services }: JobContext): Promise<JobResult> {
  const { state, config, clock, log, record, projectService, openLease, nextStepOf } = services;
  const bus = await services.queues();
  const patience = 2 * config.workers.reconcileInterval;
  const abandonedEpoch = async (projectId: string, persona: string) => {
    const lease = await openLease(projectId, persona);
    return lease?.holder === 'dead' ? lease.epoch : undefined;
  };
  const { open, lost, problems } = await reconcile(
    {
      patience,
      state,
      config,
      now: () => clock.now(),
      abandonedEpoch,
      nextStepOf,
      answered: projectService.answered,
    },
    bus,
  );
  for (const { projectId, problem } of problems)
    log.error({ projectId, err: problem }, 'state could not be read');
  for (const { projectId, job } of lost) await record(lostJobEvent(job, projectId));
  const noSchedule = (name: string, err: unknown) =>
    log.error({ err }, `the schedule ${name} could not be looked at`);
  const parts = {
    schedules: () => services.schedules.tend(noSchedule),
    turns: () => projectService.giveTurns(open),
    waits: () => projectService.poll(patience),
    // Redis may have forgotten it.
    limits: () => bus.limit(config.queues),
    forges: () => bus.enqueue(...intakeJobs(config.intake), ...watchJobs(open, config.publish)),
    sweep: () => sweep(services),
  };
  // Whatever is wrong with one, the others are looked at: the next look comes to it again.
  for (const [part, run] of Object.entries(parts))
    await run().catch((err: unknown) => log.error({ part, err }, 'a look for what is due failed'));
  const again = lost.length === 0 ? '' : `, ${lost.length} lost jobs queued again`;
  return done(`${open.length} open projects, ${problems.length} unreadable${again}`);
}
