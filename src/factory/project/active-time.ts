import type { AgentState } from '../agent/agent.ts';
import type { Project } from './project.ts';

/**
 * Milliseconds a project has been worked on: the steps of its agents, and its preparation, gates and audits. Pauses and
 * waiting (for credits, rates or a worker) do not count, and a restart resets nothing.
 */
export function activeTime(project: Project, agents: readonly Pick<AgentState, 'runtimeMs'>[]): number {
  return agents.reduce((sum, agent) => sum + agent.runtimeMs, project.activeMs);
}
