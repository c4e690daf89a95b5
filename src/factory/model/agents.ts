import type { AgentState } from './agent.ts';
import type { Project } from './project.ts';
import { SEALER } from './sealing/sealer.ts';

/** The journal in which a project's audits stand. No persona may have this name. */
export const AUDITOR = 'factory-auditor';

/** Everybody who may have asked a model for a project: whoever looks at what was paid or is under way looks at all of these. */
export function journalsOf({ personas }: Pick<Project, 'personas'>): string[] {
  return [...personas.map(({ templateName }) => templateName), AUDITOR, SEALER];
}

/** The agents of a project in order of work. */
export function readAgents(
  state: { agent(projectId: string, persona: string): { get(): Promise<AgentState> } },
  project: Pick<Project, 'id' | 'personas'>,
): Promise<AgentState[]> {
  const order = [...project.personas].sort((a, b) => a.priority - b.priority);
  return Promise.all(order.map((persona) => state.agent(project.id, persona.templateName).get()));
}
