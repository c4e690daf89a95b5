import { DarkFactoryError } from '../../../lib/failure.ts';
import type { AgentState, Decision } from '../../model/agent.ts';
import type { NewEvent } from '../../model/event.ts';
import { type Fork, openFork, withFork } from '../../model/fork.ts';
import { ENDED, type Project } from '../../model/project.ts';
import type { StateStore } from '../../ports.ts';
import { childOf } from './child.ts';
import { type PlanDeps, planFork } from './plan.ts';

export interface ForkDeps extends PlanDeps {
  state: StateStore;
  record(event: NewEvent): Promise<void>;
}

/** The agent that waits for a decision, and the decision. */
function pendingFork(agents: readonly AgentState[]): { agent: AgentState; decision: Decision } | undefined {
  const agent = agents.find((each) => each.status !== 'completed');
  const [decision] = agent?.pendingDecisions ?? [];
  return agent?.status !== 'blocked' || decision === undefined ? undefined : { agent, decision };
}

/**
 * Makes the children of a pending decision. Three acts, each whole or not at all, and each found done when it is repeated:
 * the plan is written to the parent, every child's folder appears, the parent pauses and names its children. A child does
 * not begin before the last one (`isWhole`), so a crash leaves either no fork or, after the next look, the whole of it.
 *
 * @returns the fork, open; `null` when there is none to make (any more)
 */
export async function forkProject(
  deps: ForkDeps,
  project: Project,
  agents: readonly AgentState[],
): Promise<Fork | null> {
  const { state } = deps;
  if (ENDED.has(project.status)) return null;
  const plan = openFork(project) ?? (await putDown(deps, project, agents));
  if (plan === null || plan.phase !== 'planned') return null;
  const parent = {
    project,
    agents,
    tasks: await state.tasks(project.id).get(),
    finance: await state.finance(project.id).get(),
    reports: await state.gates(project.id).list(),
  };
  for (const branch of plan.branches) {
    const child = childOf(parent, plan, branch, state.worktreePath(branch.projectId));
    await state.createChild(project.id, child).catch(unlessThere);
  }
  return open(deps, project.id, plan.decisionId);
}

async function putDown(
  deps: ForkDeps,
  project: Project,
  agents: readonly AgentState[],
): Promise<Fork | null> {
  const pending = pendingFork(agents);
  if (pending === undefined) return null;
  const { agent, decision } = pending;
  for (;;) {
    const { plan, of } = await planFork(deps, project, agents, agent.personaName, decision);
    let changed = false;
    const { forks } = await deps.state.project(project.id).update((current) => {
      if (ENDED.has(current.status) || current.forks.some(({ decisionId }) => decisionId === decision.id))
        return current;
      // Shares of a cap that its owner has lowered since would be more than there is.
      changed = current.settings.budget !== of;
      return changed ? current : { ...current, forks: [...current.forks, plan] };
    });
    if (!changed) return forks.find(({ decisionId }) => decisionId === decision.id) ?? null;
  }
}

/** The moment from which the fork counts. */
async function open(
  { state, now, record }: ForkDeps,
  projectId: string,
  decisionId: string,
): Promise<Fork | null> {
  let opened = false;
  const project = await state.project(projectId).update((current) => {
    const fork = current.forks.find((each) => each.decisionId === decisionId);
    // Paused meanwhile: the branches do not begin either. Whoever resumes it asks for the fork again.
    opened = fork?.phase === 'planned' && current.status === 'active';
    if (fork === undefined || !opened) return current;
    const detail = `Explores "${fork.question}" in ${fork.branches.length} branches.`;
    return {
      ...current,
      status: 'paused',
      statusReason: detail,
      waiting: { for: 'project', detail, since: now() },
      childProjectIds: [...current.childProjectIds, ...fork.branches.map((branch) => branch.projectId)],
      forks: withFork(current.forks, decisionId, (each) => ({ ...each, phase: 'open' as const })),
      updatedAt: now(),
    };
  });
  const fork = project.forks.find((each) => each.decisionId === decisionId);
  if (fork?.phase !== 'open') return null;
  if (opened) {
    await record({
      projectId,
      type: 'project.forked',
      level: 'info',
      persona: fork.persona,
      message: `"${fork.question}": ${fork.branches.map(({ option, workBranch }) => `"${option}" on ${workBranch}`).join(', ')}.`,
      data: { decisionId, commit: fork.commit, branches: fork.branches },
    });
  }
  return fork;
}

/** The fork that a child belongs to is whole: it may begin. */
export function isWhole(parent: Project, childId: string): boolean {
  return parent.childProjectIds.includes(childId);
}

/** Why a child can never begin; `null` when it may, or may later. */
export function neverBegins(parent: Project, childId: string): string | null {
  if (isWhole(parent, childId)) return null;
  if (ENDED.has(parent.status)) return `Its parent ${parent.name} ended before the fork was whole.`;
  const fork = parent.forks.find(({ branches }) => branches.some(({ projectId }) => projectId === childId));
  return fork?.endedAt === undefined ? null : 'Its fork was given up before it was whole.';
}

function unlessThere(error: unknown): void {
  if (error instanceof DarkFactoryError && error.code === 'project_exists') return;
  throw error;
}
