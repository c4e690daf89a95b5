import { setTimeout as sleep } from 'node:timers/promises';
import { treeCosts } from '../../../factory/decisions/tree/tree-costs.ts';
import type { AgentState } from '../../../factory/model/agent.ts';
import { readAgents } from '../../../factory/model/agents.ts';
import type { FactoryEvent } from '../../../factory/model/event.ts';
import { ENDED, exploresDecision, type Project } from '../../../factory/model/project.ts';
import type { StateStore } from '../../../factory/ports.ts';
import { readNews } from './news.ts';

/** One look at a project while it is followed. */
export interface Look {
  project: Project;
  /** `undefined` once every persona is done. */
  agent: AgentState | undefined;
  taskTitle: string | undefined;
  /** USD by the ledger, which is ahead of the project's own figure. */
  cost: number;
  /** What was logged since the last look. */
  events: readonly FactoryEvent[];
}

export type FollowEnd = 'ended' | 'paused' | 'credits' | 'interrupted';

export interface FollowOptions {
  /** Go on while the project waits for credits. */
  waitForCredits: boolean;
  /** Cut when the person has seen enough; the project goes on. */
  signal: AbortSignal;
  onLook(look: Look): void;
}

/** Milliseconds between two looks. State is read from files, so following needs no Redis. */
const INTERVAL = 200;

/** A project that was ended by hand gets its last commit and its final figures from a worker, if there is one. Milliseconds. */
const SETTLING = 10_000;

/**
 * Follows a project through its state files until it has ended, is paused, or the person has seen enough.
 *
 * A project that is paused because it forked goes on through its children and is followed further.
 */
export async function follow(
  state: StateStore,
  id: string,
  { waitForCredits, signal, onLook }: FollowOptions,
): Promise<{ end: FollowEnd; project: Project }> {
  const titles = titleReader(state, id);
  const log = state.events(id);
  let endedAt: number | undefined;
  let { offset } = await readNews(log, 0);
  for (;;) {
    // State before events: what led to the state that is seen is then among the events that are read.
    const project = await state.project(id).get();
    const agent = agentAtWork(await readAgents(state, project));
    const news = await readNews(log, offset);
    offset = news.offset;
    const { totalSpent } = await treeCosts(state, id);
    onLook({
      project,
      agent,
      taskTitle: await titles(agent?.currentTask),
      cost: totalSpent,
      events: news.entries,
    });

    if (ENDED.has(project.status)) {
      endedAt ??= performance.now();
      if (project.settled || performance.now() - endedAt > SETTLING) return { end: 'ended', project };
    }
    if (project.status === 'paused' && !exploresDecision(project)) return { end: 'paused', project };
    if (project.status === 'waiting_for_credits' && !waitForCredits) return { end: 'credits', project };
    if (signal.aborted) return { end: 'interrupted', project };
    await sleep(INTERVAL, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
}

/** Titles by task id; the list, which may be long, is read again only for an id that is not known yet. */
function titleReader(state: StateStore, id: string) {
  let known = new Map<string, string>();
  return async (taskId: string | undefined): Promise<string | undefined> => {
    if (taskId === undefined) return undefined;
    if (!known.has(taskId)) {
      const { tasks } = await state.tasks(id).get();
      known = new Map(tasks.map((task) => [task.id, task.title]));
    }
    return known.get(taskId);
  };
}

/** The agent whose turn it is: the first that has not done its work. `undefined` once all have. */
function agentAtWork(agents: readonly AgentState[]): AgentState | undefined {
  return agents.find((agent) => agent.status !== 'completed');
}
