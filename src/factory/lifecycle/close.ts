import { done, doneWith, type JobResult, skipped } from '../../queues/jobs/result.ts';
import type { Config } from '../config/config.ts';
import { endBelow, type ForkJobDeps } from '../decisions/fork/fork-jobs.ts';
import { journalsOf } from '../model/agents.ts';
import { keepsWorktree } from '../model/disk-space.ts';
import { wishAfter } from '../model/forge/wish-after.ts';
import { end, endEvent } from '../model/lifecycle.ts';
import { attemptOf, ENDED, type Project } from '../model/project.ts';
import type { WorkDeps, Workspace } from '../ports.ts';
import { whoHasNews } from '../talk/notes.ts';
import { wakeForNews } from '../talk/wake.ts';
import { isComplete } from './next-jobs.ts';
import { type PutAwayDeps, putAway } from './put-away.ts';
import { runningFigures } from './running-figures.ts';
import { snapshotOf } from './snapshot.ts';
import type { CrashDeps } from './steps/crash-loop.ts';
import { lastBooks } from './steps/last-books.ts';
import { tellAgain } from './steps/tell-again.ts';

export interface CloseDeps
  extends PutAwayDeps,
    Pick<WorkDeps, 'now' | 'projects'>,
    Pick<CrashDeps, 'finance' | 'holder' | 'liveness'> {
  state: ForkJobDeps['state'];
  git: ForkJobDeps['git'];
  newId: ForkJobDeps['newId'];
  config: Pick<Config, 'worktree' | 'publish' | 'auditInterval'> & ForkJobDeps['config'];
  workspace: PutAwayDeps['workspace'] &
    Pick<Workspace, 'removeScratchTrees' | 'sweepScratchTrees' | 'removeOwnRepository'>;
  heldUntil: ForkJobDeps['heldUntil'];
  /** Whether a worker that lives, as far as is known, is just making the project's worktree. */
  isBeingPrepared(projectId: string): Promise<boolean>;
  /** What is known of the holder of the lease at the end of a journal; `null`: nobody has one. */
  leaseHolder(projectId: string, journal: string): Promise<'alive' | 'dead' | 'foreign' | null>;
}

/** How a project ended. */
export interface Ending {
  projectId: string;
  outcome: 'completed' | 'failed' | 'timeout';
  reason: string;
  attempt: number;
}

/** Commits what is left, takes the worktree away unless it is to stay, and puts the outcome down. */
export async function closeProject(
  deps: CloseDeps,
  { projectId, outcome, reason, attempt }: Ending,
): Promise<JobResult> {
  const { state, now, config, workspace } = deps;
  const project = await state.project(projectId).get();
  if (project.settled || attemptOf(project) !== attempt) return skipped('it has ended already');
  const isNew = outcome === 'completed' && !ENDED.has(project.status);
  // A job that is delivered again may come when its project has long gone on.
  if (isNew && !(await isStillComplete(deps, project))) return goOn(deps, projectId, wentOn);
  if (isNew && (await wakeForNews(deps, project))) return goOn(deps, projectId, hasNews);
  await endBelow(deps, project);
  const until = await stillAtWork(deps, project);
  if (until !== null) return { outcome: 'parked', until, detail: 'work is just being interrupted' };
  await putAway(deps, project, {
    message: `Work in progress when the project ended: ${outcome}`,
    stays: keepsWorktree(config.worktree.keep, { status: outcome }),
  });
  await workspace.removeScratchTrees(projectId, project.repository);
  if (project.review !== undefined) await workspace.removeOwnRepository(project.repository);
  await state.encryptOutputs(projectId);
  await lastBooks(deps, project);
  for (const persona of journalsOf(project)) await tellAgain(deps, { projectId, persona });
  const figures = await runningFigures(state, project);
  let late: JobResult | null = null;
  const ended = await state.project(projectId).update(async (current) => {
    // Once more, for putting things away takes its time: whoever says something looks after this whether it has ended.
    late = isNew && !ENDED.has(current.status) ? await whyNotEnd(deps, current) : null;
    // Its owner has had it live on meanwhile: what was put away is made again.
    if (late !== null || attemptOf(current) !== attempt) return { ...current, prepared: false };
    const over = end(current, now(), outcome, reason);
    const wish = wishAfter(config.publish, over, now());
    return { ...over, ...figures, ...wish, settled: true, updatedAt: now() };
  });
  if (late !== null) {
    if (late === hasNews) await wakeForNews(deps, project);
    return goOn(deps, projectId, late);
  }
  if (!ended.settled) return skipped('another attempt has begun');
  const message = ended.statusReason ?? reason;
  await deps.record({
    projectId,
    type: endEvent(ended),
    level: ended.status === 'completed' ? 'info' : 'warn',
    message,
  });
  if (ended.toPublish !== undefined) await deps.projects.dispatch(projectId);
  await deps.projects.dispatchParent(projectId);
  await deps.projects.giveTurns();
  return doneWith(ended.status === 'completed', `${ended.status}: ${message}`);
}

const hasNews = done('its owner has said something first');
const wentOn = skipped('its work has gone on');

async function goOn({ projects }: CloseDeps, projectId: string, result: JobResult): Promise<JobResult> {
  await projects.dispatch(projectId);
  return result;
}

/** Why a project does not end as completed after all. One at work is not woken: its agent is told anyway. */
async function whyNotEnd(deps: CloseDeps, project: Project): Promise<JobResult | null> {
  if (!(await isStillComplete(deps, project))) return wentOn;
  return (await whoHasNews(deps.state, project)) === null ? null : hasNews;
}

async function isStillComplete({ state, config, now }: CloseDeps, project: Project): Promise<boolean> {
  return isComplete(await snapshotOf(state, project, config), now());
}

/** A worktree that was made for a gate after the end of its project. */
export async function putAwayAfterGate(deps: CloseDeps, project: Project): Promise<void> {
  await putAway(deps, project, {
    message: 'Found in the worktree at a gate after the end',
    stays: keepsWorktree(deps.config.worktree.keep, project),
  });
  await deps.workspace.sweepScratchTrees(project.id, ENDED.has(project.status));
}

/** Longer than running work takes to notice that its project ended. */
const NOTICE_MS = 1_500;
/** Longer than any worktree takes to be made: who is at it for longer is suspended. */
const MAKING_MS = 60_000;

/** A project that was stopped a moment ago may still have a command running in its worktree, or one that is just being made. */
async function stillAtWork(deps: CloseDeps, project: Project): Promise<Date | null> {
  const now = deps.now().getTime();
  const ended = Math.min(project.endTime?.getTime() ?? 0, now);
  if (now < ended + MAKING_MS && (await deps.isBeingPrepared(project.id))) return new Date(now + NOTICE_MS);
  const until = ended + NOTICE_MS;
  if (until <= now) return null;
  const holders = await Promise.all(journalsOf(project).map((name) => deps.leaseHolder(project.id, name)));
  return holders.some((holder) => holder !== null && holder !== 'dead') ? new Date(until) : null;
}
