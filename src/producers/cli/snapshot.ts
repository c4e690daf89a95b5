import type { AgentState } from '../../factory/agent/agent.ts';
import { summariseCosts } from '../../factory/finance/costs.ts';
import type { StateStore } from '../../factory/ports.ts';
import type { Project } from '../../factory/project/project.ts';
import type { TaskList, TaskStatus } from '../../factory/tasks/task.ts';

/** The agents of a project in order of work. */
export async function readAgents(state: StateStore, project: Project): Promise<AgentState[]> {
  const order = [...project.personas].sort((a, b) => a.priority - b.priority);
  return Promise.all(order.map((persona) => state.agent(project.id, persona.templateName).get()));
}

/** The agent whose turn it is: the first that has not done its work. `undefined` once all have. */
export function agentAtWork(agents: readonly AgentState[]): AgentState | undefined {
  return agents.find((agent) => agent.status !== 'completed');
}

export type TaskCounts = Record<TaskStatus | 'total', number>;

export function countTasks({ tasks }: TaskList): TaskCounts {
  const counts: TaskCounts = {
    total: tasks.length,
    pending: 0,
    in_progress: 0,
    blocked: 0,
    completed: 0,
    skipped: 0,
  };
  for (const task of tasks) counts[task.status] += 1;
  return counts;
}

/**
 * The project with what it has spent by its ledger. While it works, the figures in its own document are those of its last
 * end.
 */
export async function withLedger(state: StateStore, project: Project): Promise<Project> {
  const { totalSpent, tokensUsed } = summariseCosts(project.id, await state.costs(project.id).readAll());
  return { ...project, totalCost: totalSpent, tokensUsed };
}
