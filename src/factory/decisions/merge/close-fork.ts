import { activeTime } from '../../model/active-time.ts';
import { readAgents } from '../../model/agents.ts';
import type { NewEvent } from '../../model/event.ts';
import { type Fork, withFork } from '../../model/fork.ts';
import { ENDED, type Project } from '../../model/project.ts';
import type { StateStore } from '../../ports.ts';
import { decided } from '../fork/child.ts';
import { projectOrNull } from '../tree/tree.ts';
import type { ForkOutcome } from './outcome-text.ts';

export interface CloseForkDeps {
  state: StateStore;
  now(): Date;
  record(event: NewEvent): Promise<void>;
}

/** How a fork ends, and what its agent and people are told of it. */
export interface ForkEnd extends ForkOutcome {
  phase: 'merged' | 'handed_over' | 'dropped';
  /** Whether it is still to end like this, asked of the fork as it stands when it ends. Default: yes. */
  due?(open: Fork): boolean;
}

/**
 * Ends a fork and sets its parent to work again: first the decision is taken in the agent's state, then the project goes on.
 * The children's active time counts as the parent's, once, for they worked side by side. Repeating it changes nothing.
 *
 * @returns whether it has ended by this call
 */
export async function closeFork(
  deps: CloseForkDeps,
  projectId: string,
  fork: Fork,
  { phase, outcome, said, due = () => true }: ForkEnd,
): Promise<boolean> {
  const { state, now } = deps;
  const isDue = ({ forks }: Project) => {
    const open = forks.find(({ decisionId }) => decisionId === fork.decisionId);
    return open !== undefined && open.endedAt === undefined && due(open);
  };
  // Its owner may have decided otherwise: then the agent hears nothing of this end either.
  if (!isDue(await state.project(projectId).get())) return false;
  const chosen = phase === 'dropped' ? undefined : chosenBranch(fork)?.option;
  await state
    .agent(projectId, fork.persona)
    .update((agent) => decided(agent, fork.decisionId, chosen, now()));
  const times = await Promise.all(fork.branches.map(async (branch) => activeTimeOf(state, branch.projectId)));
  let closed = false;
  await state.project(projectId).update((current) => {
    closed = isDue(current);
    if (!closed) return current;
    const forks = withFork(current.forks, fork.decisionId, (each) => ({
      ...each,
      branches: each.phase === 'planned' ? each.branches.map(unused) : each.branches,
      phase,
      outcome,
      said,
      endedAt: now(),
    }));
    return { ...goOn(current), forks, activeMs: current.activeMs + Math.max(0, ...times), updatedAt: now() };
  });
  if (!closed) return false;
  await deps.record({
    projectId,
    type: `decision.${phase}`,
    level: phase === 'merged' ? 'info' : 'warn',
    persona: fork.persona,
    message: said,
    data: { decisionId: fork.decisionId, ...(fork.choice === undefined ? {} : { choice: fork.choice }) },
  });
  return true;
}

/** A branch that never began leaves its whole share to the parent. */
function unused(branch: Fork['branches'][number]): Fork['branches'][number] {
  return { ...branch, spent: 0 };
}

export function chosenBranch({ choice, branches }: Fork): Fork['branches'][number] | undefined {
  return branches.find(({ projectId }) => projectId === choice?.projectId);
}

/** A project that was paused by its owner meanwhile stays so. */
function goOn(project: Project): Project {
  if (ENDED.has(project.status) || project.waiting?.for === 'owner') return project;
  const { waiting: _waiting, statusReason: _reason, ...rest } = project;
  return { ...rest, status: 'active' };
}

async function activeTimeOf(state: StateStore, projectId: string): Promise<number> {
  const project = await projectOrNull(state, projectId);
  return project === null ? 0 : activeTime(project, await readAgents(state, project));
}
