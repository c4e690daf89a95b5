import type { AgentState } from '../agent/agent.ts';
import type { StateStore } from '../ports.ts';
import type { Project } from './project.ts';

/** The agents of a project in order of work. */
export function readAgents(
  state: Pick<StateStore, 'agent'>,
  project: Pick<Project, 'id' | 'personas'>,
): Promise<AgentState[]> {
  const order = [...project.personas].sort((a, b) => a.priority - b.priority);
  return Promise.all(order.map((persona) => state.agent(project.id, persona.templateName).get()));
}
