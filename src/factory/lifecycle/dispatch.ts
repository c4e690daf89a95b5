import { setImmediate } from 'node:timers/promises';
import { isFailure } from '../../lib/failure.ts';
import type { NextJob } from '../../queues/jobs/catalogue.ts';
import { isAtWork } from '../agent/memory/agent-state.ts';
import type { Config } from '../config/config.ts';
import { propagateBudget } from '../decisions/budget/propagate-budget.ts';
import type { AgentState } from '../model/agent.ts';
import { AUDITOR } from '../model/agents.ts';
import { ENDED, exploresDecision, type Project } from '../model/project.ts';
import { lacksTurn } from '../model/turn.ts';
import type { JobQueue, StateStore } from '../ports.ts';
import { lostJobs } from './lost-jobs.ts';
import { nextJobs, type Snapshot } from './next-jobs.ts';
import { isParked } from './polling.ts';
import { loadSnapshot } from './snapshot.ts';

export interface DispatchDeps {
  state: StateStore;
  config: Pick<Config, 'auditInterval'>;
  now(): Date;
}

/**
 * Enqueues what a project needs next. Harmless at any moment: what waits or runs already is not added again. A job that was parked for
 * what its project waits for no longer comes now.
 */
export async function dispatch(deps: DispatchDeps, queue: JobQueue, projectId: string): Promise<void> {
  await (await handOn(deps, queue, projectId)).added;
}

/**
 * The same, done when the jobs are on their way. Whoever ends a job right after takes the next one of its queue in the same breath:
 * as a rule this one, before another worker that would have to read all about the project first.
 *
 * @returns `added`: they are in the queue
 */
export async function handOn(
  deps: DispatchDeps,
  queue: JobQueue,
  projectId: string,
): Promise<{ added: Promise<void> }> {
  const snapshot = await loadSnapshot(deps.state, projectId, deps.config);
  const added = add(queue, snapshot, deps.now());
  // It may fail before anybody listens.
  added.catch(() => undefined);
  await setImmediate();
  return { added };
}

/** Only the main line is hastened: an audit beside it that waits for its provider would be asked for after every step. */
async function add(queue: JobQueue, snapshot: Snapshot, now: Date): Promise<void> {
  const [main, ...beside] = nextJobs(snapshot, now);
  if (main === undefined) return;
  const isTold = isParked(snapshot.project, now);
  await Promise.all([isTold ? queue.enqueue(main) : queue.hasten(main), queue.enqueue(...beside)]);
}

/** The same for whoever does without Redis: workers see it when they next compare the state files. @returns whether it was enqueued */
export async function dispatchIfThere(
  deps: DispatchDeps & { queue(): Promise<JobQueue> },
  ...projectIds: readonly string[]
): Promise<boolean> {
  try {
    const queue = await deps.queue();
    for (const id of projectIds) await dispatch(deps, queue, id);
    return true;
  } catch (error) {
    if (isFailure(error, 'redis_unreachable')) return false;
    throw error;
  }
}

/**
 * The same for every project that needs attention, from the state files alone: a job that was lost for any reason (a
 * flushed Redis, a crash between saving and enqueuing) comes back here.
 *
 * @param abandonedEpoch the epoch of an open lease of the agent at work whose holder is known to be dead
 * @param nextStepOf the step that its journal goes on with, where the journal alone can tell
 * @param patience milliseconds for which a job must have been due to count as lost
 * @returns the ids of projects whose state could not be read, with the problem; the others are not held up by them. And the jobs that
 *   were lost, which are queued again
 */
export async function reconcile(
  deps: DispatchDeps & {
    patience: number;
    abandonedEpoch(projectId: string, persona: string): Promise<number | undefined>;
    /** Lets a project go on whose question was answered. @returns whether it did */
    answered(projectId: string): Promise<boolean>;
    nextStepOf(projectId: string, persona: string): Promise<number | undefined>;
  },
  queue: JobQueue,
): Promise<{
  open: readonly Project[];
  lost: { projectId: string; job: NextJob }[];
  problems: { projectId: string; problem: unknown }[];
}> {
  const open = await deps.state.listOpenProjects();
  const problems: { projectId: string; problem: unknown }[] = [];
  const lost: { projectId: string; job: NextJob }[] = [];
  for (const project of open) {
    const { id } = project;
    try {
      const goesOn = project.waiting?.question !== undefined && (await deps.answered(id));
      // Nothing is to be done for it, or its job waits in Redis; should that be lost, it comes back when the wait is over.
      if (!goesOn && (isStill(project) || isParked(project, deps.now()))) continue;
      if (exploresDecision(project))
        for (const branch of await propagateBudget(deps.state, id, deps.now()))
          await dispatch(deps, queue, branch);
      const loaded = await loadSnapshot(deps.state, id, deps.config);
      const persona = atWork(loaded);
      const found = caughtUp(loaded, persona, await deps.nextStepOf(id, persona));
      const abandonedEpoch = await deps.abandonedEpoch(id, persona);
      const snapshot = abandonedEpoch === undefined ? found : { ...found, abandonedEpoch };
      const now = deps.now();
      const jobs = nextJobs(snapshot, now);
      const missing = await lostJobs(queue, jobs, snapshot, { now, patience: deps.patience });
      await queue.ensure(...jobs);
      lost.push(...missing.map((job) => ({ projectId: id, job })));
    } catch (problem) {
      problems.push({ projectId: id, problem });
    }
  }
  return { open, lost, problems };
}

/** The state of an agent at work is written a moment after its steps. */
function caughtUp(snapshot: Snapshot, persona: string, nextStep = 0): Snapshot {
  const follow = (agent: AgentState): AgentState =>
    agent.personaName === persona && isAtWork(agent) && nextStep > agent.nextStep
      ? { ...agent, nextStep }
      : agent;
  const { agents, sealer } = snapshot;
  return {
    ...snapshot,
    agents: agents.map(follow),
    ...(sealer === undefined ? {} : { sealer: follow(sealer) }),
  };
}

/** Whose journal holds the open lease, if there is one. The agent of an open fork rests: a judge of its branches may not. */
function atWork({ project, sealer, agents }: Snapshot): string {
  if (exploresDecision(project) || project.review !== undefined) return AUDITOR;
  const agent = sealer ?? agents.find((each) => each.status !== 'completed');
  return agent?.personaName ?? AUDITOR;
}

function isStill(project: Project): boolean {
  const { status } = project;
  return (
    (status === 'paused' && !exploresDecision(project)) ||
    status === 'waiting_for_credits' ||
    (!ENDED.has(status) && lacksTurn(project))
  );
}
