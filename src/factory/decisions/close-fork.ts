import type { StateStore } from '../ports.ts';
import { activeTime } from '../project/active-time.ts';
import { readAgents } from '../project/agents.ts';
import type { FactoryEvent } from '../project/event.ts';
import { ENDED, type Project } from '../project/project.ts';
import { decided } from './child.ts';
import { type Fork, withFork } from './fork.ts';
import { unlessMissing } from './tree.ts';

export interface CloseHands {
  state: StateStore;
  now(): Date;
  record(event: Omit<FactoryEvent, 'timestamp'>): Promise<void>;
}

/** How a fork ends. `outcome` is what the parent's agent, its owner and the report are told. */
export interface ForkEnd {
  phase: 'merged' | 'handed_over' | 'dropped';
  outcome: string;
}

/**
 * Ends a fork and sets its parent to work again: first the decision is taken in the agent's state, then the project goes on.
 * The children's active time counts as the parent's, once, for they worked side by side. Repeating it changes nothing.
 */
export async function closeFork(
  hands: CloseHands,
  projectId: string,
  fork: Fork,
  { phase, outcome }: ForkEnd,
): Promise<void> {
  const { state, now } = hands;
  const chosen = phase === 'dropped' ? undefined : chosenBranch(fork)?.option;
  await state
    .agent(projectId, fork.persona)
    .update((agent) => decided(agent, fork.decisionId, chosen, now()));
  const times = await Promise.all(fork.branches.map(async (branch) => activeTimeOf(state, branch.projectId)));
  let closed = false;
  await state.project(projectId).update((current) => {
    const open = current.forks.find(({ decisionId }) => decisionId === fork.decisionId);
    closed = open !== undefined && open.endedAt === undefined;
    if (!closed) return current;
    const forks = withFork(current.forks, fork.decisionId, (each) => ({
      ...each,
      phase,
      outcome,
      endedAt: now(),
    }));
    return { ...goOn(current), forks, activeMs: current.activeMs + Math.max(0, ...times), updatedAt: now() };
  });
  if (!closed) return;
  await hands.record({
    projectId,
    type: `decision.${phase}`,
    level: phase === 'merged' ? 'info' : 'warn',
    persona: fork.persona,
    message: outcome,
    data: { decisionId: fork.decisionId, ...(fork.choice === undefined ? {} : { choice: fork.choice }) },
  });
}

export function chosenBranch({ choice, branches }: Fork): Fork['branches'][number] | undefined {
  return branches.find(({ projectId }) => projectId === choice?.projectId);
}

/** A project that was paused by its owner meanwhile stays so. */
function goOn(project: Project): Project {
  if (ENDED.has(project.status) || project.waiting?.for === 'user') return project;
  const { waiting: _waiting, statusReason: _reason, ...rest } = project;
  return { ...rest, status: 'active' };
}

async function activeTimeOf(state: StateStore, projectId: string): Promise<number> {
  const project = await unlessMissing(state.project(projectId).get());
  return project === null ? 0 : activeTime(project, await readAgents(state, project));
}
