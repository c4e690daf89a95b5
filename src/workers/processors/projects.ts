import { endEvent } from '../../factory/model/lifecycle.ts';
import { journalsOf } from '../../factory/model/agents.ts';
import { reconcile } from '../../factory/lifecycle/dispatch.ts';
import { end } from '../../factory/model/lifecycle.ts';
import { lostJobEvent } from '../../factory/lifecycle/lost-jobs.ts';
import { ENDED, type Project } from '../../factory/model/project.ts';
import { runningFigures } from '../../factory/lifecycle/running-figures.ts';
import { keepsWorktree } from '../../factory/model/disk-space.ts';
import type { Services } from '../../services.ts';
import { activeWhile } from '../../factory/lifecycle/active-while.ts';
import { endBelow, makeFork, mayBegin, weigh } from '../../factory/decisions/fork/fork-jobs.ts';
import { lastBooks } from '../../factory/lifecycle/last-books.ts';
import type { JobContext, Processor } from '../steps/processor.ts';
import { done, type JobResult, skipped } from '../../queues/jobs/result.ts';
import { telling } from '../steps/telling.ts';
import { whenRoom } from '../maintenance/disk-space.ts';
import type { Payload } from '../../queues/jobs/catalogue.ts';
import { putAway } from '../../factory/lifecycle/put-away.ts';
import { sweep } from '../maintenance/sweep.ts';
import { isTried } from '../maintenance/tries.ts';

/** Prepares and ends projects, and looks for lost work. */
export const processor: Processor<'projects'> = whenRoom(({ action }) => action === 'start', telling(act));

function act(payload: Payload<'projects'>, context: JobContext): Promise<JobResult> {
  switch (payload.action) {
    case 'start':
      return prepare(payload.projectId, context);
    case 'stop':
      return close(payload, context);
    case 'fork':
      return makeFork(payload.projectId, context);
    case 'weigh':
      return weigh(payload.projectId, context);
    case 'reconcile':
      return findLostWork(context);
  }
}

/** Worktree, branch and set-up; then the project is active. Every act may be repeated after a crash. */
async function prepare(projectId: string, context: JobContext): Promise<JobResult> {
  const { services } = context;
  const project = await services.state.project(projectId).get();
  if (ENDED.has(project.status) || project.status === 'paused')
    return skipped(`the project is ${project.status}`);
  const notYet = await mayBegin(services, project);
  if (notYet !== null) return skipped(notYet);
  let passed = 0;
  const watched = await activeWhile(
    context,
    project,
    (signal) => makeReady(project, context, signal),
    // Saved with the rest: a project with active time has a branch, which is never begun anew.
    async (ms) => {
      passed += ms;
    },
  );
  if (watched.stopped) return watched.result;
  passed += watched.ms;
  if (watched.value !== null) return refuse(services, project, watched.value);
  const { status } = await services.state.project(projectId).update((current) => {
    if (ENDED.has(current.status)) return current;
    const now = services.clock.now();
    return {
      ...current,
      prepared: true,
      status: current.status === 'initializing' ? 'active' : current.status,
      activeMs: current.activeMs + passed,
      startTime: current.startTime ?? now,
      updatedAt: now,
    };
  });
  if (ENDED.has(status)) return skipped(`the project is ${status}`);
  await services.record({
    projectId,
    type: 'project.prepared',
    level: 'info',
    message: `Worktree made on branch ${project.workBranch}.`,
    data: { durationMs: passed },
  });
  await services.desk.dispatch(projectId);
  return done(`prepared ${project.workBranch}`);
}

/** @returns why the set-up failed, `null` when all is ready */
async function makeReady(
  project: Project,
  { services, log }: JobContext,
  signal: AbortSignal,
): Promise<string | null> {
  const { git } = services;
  if (project.prepared && (await git.validateWorktree(project.repository, project.worktreePath))) return null;
  log(`worktree ${project.workBranch}`);
  await git.createWorktree({
    repository: project.repository,
    worktree: project.worktreePath,
    branch: project.workBranch,
    commit: project.forkCommit ?? project.baseCommit,
    ...(await workSoFar(services, project)),
  });
  return services.workspace.prepareWorktree(project, signal);
}

/** The last commit that is known to hold work, once there may be some: without its branch the project must not begin anew. */
async function workSoFar({ state }: Services, project: Project): Promise<{ worked?: string }> {
  // A project that was forked has its parent's baseline before it begins; the making of its own worktree counts as active time.
  if (project.baselineGate === undefined || project.activeMs === 0) return {};
  const reports = await state.gates(project.id).list();
  return { worked: reports.at(-1)?.commit ?? project.baseCommit };
}

/** A set-up that fails is for the owner to mend: the project waits, nothing is lost. */
async function refuse(services: Services, project: Project, problem: string): Promise<JobResult> {
  await services.desk.pauseFor(project.id, 'owner', problem);
  return done(problem);
}

/** Commits what is left, takes the worktree away unless it is to stay, and puts the outcome down. */
async function close(
  {
    projectId,
    outcome,
    reason,
  }: { projectId: string; outcome: 'completed' | 'failed' | 'timeout'; reason: string },
  { services }: JobContext,
): Promise<JobResult> {
  const { state, clock, config } = services;
  const project = await state.project(projectId).get();
  if (project.settled) return skipped('it has ended already');
  await endBelow(services, project);
  const until = await stillAtWork(services, project);
  if (until !== null) return { outcome: 'parked', until, detail: 'work is just being interrupted' };
  await putAway(services, project, {
    message: `Work in progress when the project ended: ${outcome}`,
    stays: keepsWorktree(config.worktree.keep, { status: outcome }),
  });
  await services.workspace.removeScratchTrees(project.id, project.repository);
  await state.encryptOutputs(projectId);
  await lastBooks(services, project);
  const figures = await runningFigures(state, project);
  const ended = await state.project(projectId).update((current) => ({
    ...end(current, clock.now(), outcome, reason),
    ...figures,
    settled: true,
    updatedAt: clock.now(),
  }));
  const level = ended.status === 'completed' ? 'info' : 'warn';
  await services.record({
    projectId,
    type: endEvent(ended),
    level,
    message: ended.statusReason ?? reason,
  });
  await services.desk.dispatchParent(projectId);
  return done(`${ended.status}: ${ended.statusReason ?? reason}`);
}

/** Longer than running work takes to notice that its project ended, in milliseconds. */
const NOTICE = 1_500;
/** Longer than any worktree takes to be made: who is at it for longer is suspended. Milliseconds. */
const MAKING = 60_000;

/** A project that was stopped a moment ago may still have a command running in its worktree, or one that is just being made. */
async function stillAtWork(services: Services, project: Project): Promise<Date | null> {
  const now = services.clock.now().getTime();
  const ended = Math.min(project.endTime?.getTime() ?? 0, now);
  const start = { action: 'start', projectId: project.id } as const;
  if (now < ended + MAKING && (await isTried(services, 'projects', start))) return new Date(now + NOTICE);
  const until = ended + NOTICE;
  if (until <= now) return null;
  const leases = await Promise.all(journalsOf(project).map((name) => services.openLease(project.id, name)));
  return leases.some((lease) => lease !== null && lease.holder !== 'dead') ? new Date(until) : null;
}

async function findLostWork({ services }: JobContext): Promise<JobResult> {
  const patience = 2 * services.config.workers.reconcileInterval;
  const { checked, lost, problems } = await reconcile(
    {
      patience,
      state: services.state,
      config: services.config,
      now: () => services.clock.now(),
      abandonedEpoch: async (projectId, persona) => {
        const lease = await services.openLease(projectId, persona);
        return lease?.holder === 'dead' ? lease.epoch : undefined;
      },
    },
    await services.queues(),
  );
  for (const { projectId, problem } of problems) {
    services.log.error({ projectId, err: problem }, 'state could not be read');
  }
  for (const { projectId, job } of lost) await services.record(lostJobEvent(job, projectId));
  await services.desk.poll(patience);
  await sweep(services);
  const again = lost.length === 0 ? '' : `, ${lost.length} lost jobs queued again`;
  return done(`${checked} open projects, ${problems.length} unreadable${again}`);
}
