import type { Config } from '../config/config.ts';
import { projectOrNull } from '../decisions/tree/tree.ts';
import { readAgents } from '../model/agents.ts';
import { openFork } from '../model/fork.ts';
import { exploresDecision, type Project } from '../model/project.ts';
import { awaitsSealing, SEALER } from '../model/sealing/sealer.ts';
import type { Task } from '../model/task.ts';
import type { StateStore } from '../ports.ts';
import type { Snapshot } from './next-jobs.ts';

/** Of blocked tasks, where a project ends for them. */
const MOST_NAMES = 5;

/** Reads what `nextJobs` decides by. Documents that did not change since the last reading cost one stat each. */
export async function loadSnapshot(
  state: StateStore,
  projectId: string,
  config: Pick<Config, 'auditInterval'>,
): Promise<Snapshot> {
  return snapshotOf(state, await state.project(projectId).get(), config);
}

/** The same for a project as it is known already. */
export async function snapshotOf(
  state: StateStore,
  project: Project,
  config: Pick<Config, 'auditInterval'>,
): Promise<Snapshot> {
  const { id: projectId } = project;
  const agents = await readAgents(state, project);
  const sealer = awaitsSealing(project) ? { sealer: await state.agent(projectId, SEALER).get() } : {};
  const branches = exploresDecision(project) ? { branches: await readBranches(state, project) } : {};
  const auditInterval = project.settings.auditInterval ?? config.auditInterval;
  const snapshot = { project, agents, ...sealer, ...branches, auditInterval };
  if (!agents.some((agent) => agent.status === 'blocked')) return snapshot;
  const { tasks } = await state.tasks(projectId).get();
  const blocked = tasks.filter((task) => task.status === 'blocked');
  return blocked.length === 0 ? snapshot : { ...snapshot, blockedTasks: namesOf(blocked) };
}

/** Why each is blocked stands with the task. */
function namesOf(tasks: readonly Task[]): string {
  const left = tasks.length - MOST_NAMES;
  const names = tasks.slice(0, MOST_NAMES).map(({ title }) => `"${title}"`);
  return `${names.join(', ')}${left > 0 ? ` and ${left} more` : ''}`;
}

async function readBranches(state: StateStore, project: Project): Promise<Project[]> {
  const branches = openFork(project)?.branches ?? [];
  const found = await Promise.all(branches.map((each) => projectOrNull(state, each.projectId)));
  return found.filter((each) => each !== null);
}
