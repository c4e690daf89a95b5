import type { Config } from '../config.ts';
import type { StateStore } from '../ports.ts';
import type { Snapshot } from './next-jobs.ts';

/** Reads what `nextJobs` decides by. Documents that did not change since the last reading cost one stat each. */
export async function loadSnapshot(
  state: StateStore,
  projectId: string,
  config: Pick<Config, 'auditInterval'>,
): Promise<Snapshot> {
  const project = await state.project(projectId).get();
  const personas = [...project.personas].sort((a, b) => a.priority - b.priority);
  const agents = await Promise.all(personas.map((each) => state.agent(projectId, each.templateName).get()));
  return { project, agents, auditInterval: config.auditInterval };
}
