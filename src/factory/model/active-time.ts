import type { AgentState } from './agent.ts';
import type { Project } from './project.ts';

/**
 * Milliseconds a project has been worked on: the steps of its agents, and its preparation, gates and audits. Pauses and
 * waiting (for credits, rates or a worker) do not count, and a restart resets nothing.
 */
export function activeTime(
  project: Pick<Project, 'activeMs'>,
  agents: readonly Pick<AgentState, 'runtimeMs'>[],
): number {
  return agents.reduce((sum, agent) => sum + agent.runtimeMs, project.activeMs);
}

/** The same from the project's document alone, as of the last step that was taken: for lists of thousands. */
export function notedActiveTime({ activeMs, agentsMs }: Pick<Project, 'activeMs' | 'agentsMs'>): number {
  return activeMs + agentsMs;
}
