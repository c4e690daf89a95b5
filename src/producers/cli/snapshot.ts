import type { AgentState } from '../../factory/agent/agent.ts';
import { treeCosts } from '../../factory/decisions/tree-costs.ts';
import type { StateStore } from '../../factory/ports.ts';
import type { Project } from '../../factory/project/project.ts';

/** The agent whose turn it is: the first that has not done its work. `undefined` once all have. */
export function agentAtWork(agents: readonly AgentState[]): AgentState | undefined {
  return agents.find((agent) => agent.status !== 'completed');
}

/**
 * The project with what it and all that was forked from it have spent by their ledgers. While it works, the figures in its own
 * document are those of its last end.
 */
export async function withLedger(
  state: Pick<StateStore, 'project' | 'costs'>,
  project: Project,
): Promise<Project> {
  const { totalSpent, tokensUsed } = await treeCosts(state, project.id);
  return { ...project, totalCost: totalSpent, tokensUsed };
}
