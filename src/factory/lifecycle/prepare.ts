import { done, type JobResult, skipped } from '../../queues/jobs/result.ts';
import type { Config } from '../config/config.ts';
import { type ForkJobDeps, mayBegin } from '../decisions/fork/fork-jobs.ts';
import { prepared } from '../model/lifecycle.ts';
import { ENDED, type Project } from '../model/project.ts';
import { lacksTurn } from '../model/turn.ts';
import type { GitManager, StateStore, WorkDeps, Workspace } from '../ports.ts';
import { standOn } from './create/stand-on.ts';

export interface PrepareDeps extends WorkDeps, Pick<ForkJobDeps, 'state'> {
  git: Pick<GitManager, 'validateWorktree' | 'createWorktree' | 'branchHead' | 'listFiles' | 'showFile'>;
  config: Pick<Config, 'gates' | 'worktree' | 'sandbox'>;
  workspace: Pick<Workspace, 'prepareWorktree'>;
}

/** Worktree, branch and set-up; then the project is active. Every act may be repeated after a crash. */
export async function prepareProject(deps: PrepareDeps, projectId: string): Promise<JobResult> {
  const { state, projects } = deps;
  const found = await state.project(projectId).get();
  if (ENDED.has(found.status) || found.status === 'paused') return skipped(`the project is ${found.status}`);
  const notYet = lacksTurn(found) ? 'its turn has not come' : await mayBegin(deps, found);
  if (notYet !== null) return skipped(notYet);
  const project = await standOn(deps, found);
  let passed = 0;
  const watched = await deps.whileActive(
    project,
    (signal) => makeReady(deps, project, signal),
    // Saved with the rest: a project with active time has a branch, which is never begun anew.
    async (ms) => {
      passed += ms;
    },
  );
  if (watched.stopped) return watched.result;
  passed += watched.ms;
  if (watched.value !== null) {
    // A set-up that fails is for the owner to fix: the project waits, nothing is lost.
    await projects.pauseFor(projectId, 'owner', watched.value);
    return done(watched.value);
  }
  const { status } = await state.project(projectId).update((current) => begun(current, passed, deps.now()));
  if (ENDED.has(status)) return skipped(`the project is ${status}`);
  await deps.record({
    projectId,
    type: 'project.prepared',
    level: 'info',
    message: `Worktree made on branch ${project.workBranch}.`,
    data: { durationMs: passed },
  });
  await projects.dispatch(projectId);
  return done(`prepared ${project.workBranch}`);
}

function begun(project: Project, activeMs: number, now: Date): Project {
  if (ENDED.has(project.status)) return project;
  return prepared({ ...project, activeMs: project.activeMs + activeMs }, now);
}

/** @returns why the set-up failed, `null` when all is ready */
async function makeReady(
  { state, git, workspace, progress }: PrepareDeps,
  project: Project,
  signal: AbortSignal,
): Promise<string | null> {
  if (project.prepared && (await git.validateWorktree(project.repository, project.worktreePath))) return null;
  progress(`worktree ${project.workBranch}`);
  await git.createWorktree({
    repository: project.repository,
    worktree: project.worktreePath,
    branch: project.workBranch,
    commit: project.forkCommit ?? project.baseCommit,
    ...(await workSoFar(state, project)),
  });
  return workspace.prepareWorktree(project, signal);
}

/** The last commit that is known to hold work, once there may be some: without its branch the project must not begin anew. */
async function workSoFar(state: Pick<StateStore, 'gates'>, project: Project): Promise<{ worked?: string }> {
  // A project that was forked has its parent's baseline before it begins; the making of its own worktree counts as active time.
  if (project.baselineGate === undefined || project.activeMs === 0) return {};
  const reports = await state.gates(project.id).list();
  return { worked: reports.at(-1)?.commit ?? project.baseCommit };
}
