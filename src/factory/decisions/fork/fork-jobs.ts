import { DarkFactoryError } from '../../../lib/failure.ts';
import { done, type JobResult, skipped } from '../../../queues/jobs/result.ts';
import { AUDITOR, readAgents } from '../../model/agents.ts';
import type { Fork } from '../../model/fork.ts';
import { end } from '../../model/lifecycle.ts';
import { exploresDecision, type Project } from '../../model/project.ts';
import type { ProjectActions } from '../../ports.ts';
import { type EvaluateDeps, evaluateBranches } from '../choose/evaluate-branches.ts';
import { endBranches } from '../tree/whole-tree.ts';
import { type ForkDeps, forkProject, isWhole, neverBegins } from './fork-act.ts';

export type ForkJobDeps = ForkDeps &
  EvaluateDeps & {
    projects: Pick<ProjectActions, 'dispatch' | 'dispatchParent' | 'pauseFor'>;
    /** @returns when to look again, while a living worker is at the open step of this journal; `null` when none is */
    heldUntil(projectId: string, persona: string): Promise<Date | null>;
  };

/** Makes the branches of a pending decision and sets them to work. Nothing left to share out: the project waits for a budget. */
export async function forkJob(deps: ForkJobDeps, projectId: string): Promise<JobResult> {
  const { state, projects } = deps;
  const project = await state.project(projectId).get();
  if (project.status !== 'active') return skipped(`the project is ${project.status}`);
  // What a judge is just spending would be shared out as well.
  const until = await deps.heldUntil(projectId, AUDITOR);
  if (until !== null) return { outcome: 'parked', until, detail: 'an audit is under way' };
  let fork: Fork | null;
  try {
    fork = await forkProject(deps, project, await readAgents(state, project));
  } catch (error) {
    if (!(error instanceof DarkFactoryError) || error.code !== 'budget_spent') throw error;
    await projects.pauseFor(projectId, 'budget', `${error.message}. ${error.hint}`);
    await projects.dispatchParent(projectId);
    return done(`paused: ${error.message}`);
  }
  if (fork === null) return skipped('no fork is due (any more)');
  for (const branch of fork.branches) await projects.dispatch(branch.projectId);
  return done(`forked: ${fork.branches.map(({ option }) => option).join(', ')}`);
}

/** A look at the branches of a project; see `evaluateBranches`. */
export async function evaluateJob(deps: ForkJobDeps, projectId: string): Promise<JobResult> {
  const project = await deps.state.project(projectId).get();
  if (!exploresDecision(project)) return skipped(`the project is ${project.status}`);
  const touched = await evaluateBranches(deps, project);
  for (const id of touched) await deps.projects.dispatch(id);
  return done(touched.length === 0 ? 'branches are still at work' : `evaluated: ${touched.join(', ')}`);
}

/**
 * Whether a project may begin. A child waits until its fork is whole; one whose parent ended before that is ended with it.
 *
 * @returns why not
 */
export async function mayBegin(
  { state, now, projects }: Pick<ForkJobDeps, 'state' | 'now' | 'projects'>,
  { parentProjectId, id }: Project,
): Promise<string | null> {
  if (parentProjectId === undefined) return null;
  const parent = await state.project(parentProjectId).get();
  if (isWhole(parent, id)) return null;
  const reason = neverBegins(parent, id);
  if (reason === null) return 'the fork that it belongs to is not whole yet';
  await state.project(id).update((current) => end(current, now(), 'failed', reason));
  await projects.dispatch(id);
  return reason;
}

/** Nothing that was forked from a project outlives it. */
export async function endBelow(deps: ForkJobDeps, { id }: Project): Promise<void> {
  const reason = 'The project that it was forked from has ended.';
  for (const each of await endBranches(deps, id, reason)) await deps.projects.dispatch(each);
}
