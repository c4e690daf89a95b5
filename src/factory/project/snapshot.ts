import type { Config } from '../config.ts';
import type { StateStore } from '../ports.ts';
import { awaitsSealing, SEALER } from '../sealing/sealer.ts';
import { describeBlocked } from '../tasks/rules.ts';
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
  const sealer = awaitsSealing(project) ? { sealer: await state.agent(projectId, SEALER).get() } : {};
  const snapshot = { project, agents, ...sealer, auditInterval: config.auditInterval };
  if (!agents.some((agent) => agent.status === 'blocked')) return snapshot;
  const { tasks } = await state.tasks(projectId).get();
  const blocked = tasks.filter((task) => task.status === 'blocked');
  return blocked.length === 0 ? snapshot : { ...snapshot, blockedTasks: describeBlocked(blocked) };
}
