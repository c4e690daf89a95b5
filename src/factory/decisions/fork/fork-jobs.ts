import type { Fork } from '../../model/fork.ts';
import { forkProject, isWhole, neverBegins } from './fork-act.ts';
import { weighFork } from '../choose/weigh.ts';
import { endBranches } from '../tree/whole-tree.ts';
import { AUDITOR, readAgents } from '../../model/agents.ts';
import { end } from '../../model/lifecycle.ts';
import { exploresDecision, type Project } from '../../model/project.ts';
import { DarkFactoryError } from '../../../lib/failure.ts';
import { newUuid } from '../../../lib/ids.ts';
import type { Services } from '../../../services.ts';
import { heldUntil } from '../../../workers/steps/lease.ts';
import type { JobContext } from '../../../workers/steps/processor.ts';
import { done, type JobResult, skipped } from '../../../queues/jobs/result.ts';

/** Makes the branches of a pending decision and sets them to work. Nothing left to share out: the project waits for a budget. */
export async function makeFork(projectId: string, context: JobContext): Promise<JobResult> {
  const { services } = context;
  const { state, desk } = services;
  const project = await state.project(projectId).get();
  if (project.status !== 'active') return skipped(`the project is ${project.status}`);
  // What a judge is just spending would be shared out as well.
  const until = await heldUntil(context, { projectId, persona: AUDITOR });
  if (until !== null) return { outcome: 'parked', until, detail: 'an audit is under way' };
  let fork: Fork | null;
  try {
    fork = await forkProject(handsOf(services), project, await readAgents(state, project));
  } catch (error) {
    if (!(error instanceof DarkFactoryError) || error.code !== 'budget_spent') throw error;
    await desk.pauseFor(projectId, 'budget', `${error.message}. ${error.hint}`);
    await desk.dispatchParent(projectId);
    return done(`paused: ${error.message}`);
  }
  if (fork === null) return skipped('no fork is due (any more)');
  for (const branch of fork.branches) await desk.dispatch(branch.projectId);
  return done(`forked: ${fork.branches.map(({ option }) => option).join(', ')}`);
}

/** A look at the branches of a project; see `weighFork`. */
export async function weigh(projectId: string, { services }: JobContext): Promise<JobResult> {
  const project = await services.state.project(projectId).get();
  if (!exploresDecision(project)) return skipped(`the project is ${project.status}`);
  const touched = await weighFork(handsOf(services), project);
  for (const id of touched) await services.desk.dispatch(id);
  return done(touched.length === 0 ? 'branches are still at work' : `weighed: ${touched.join(', ')}`);
}

/**
 * Whether a project may begin. A child waits until its fork is whole; one whose parent ended before that is ended with it.
 *
 * @returns why not
 */
export async function mayBegin(services: Services, project: Project): Promise<string | null> {
  const { parentProjectId, id } = project;
  if (parentProjectId === undefined) return null;
  const parent = await services.state.project(parentProjectId).get();
  if (isWhole(parent, id)) return null;
  const reason = neverBegins(parent, id);
  if (reason === null) return 'the fork that it belongs to is not whole yet';
  await services.state.project(id).update((current) => end(current, services.clock.now(), 'failed', reason));
  await services.desk.dispatch(id);
  return reason;
}

/** Nothing that was forked from a project outlives it. */
export async function endBelow(services: Services, project: Project): Promise<void> {
  const reason = 'The project that it was forked from has ended.';
  for (const id of await endBranches(handsOf(services), project.id, reason)) await services.desk.dispatch(id);
}

function handsOf(services: Services) {
  const { state, git, config, clock, record } = services;
  return { state, git, config, record, newId: newUuid, now: () => clock.now() };
}
