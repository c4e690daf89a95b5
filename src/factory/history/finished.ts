import { expecting } from '../../lib/errno.ts';
import { isFailure } from '../../lib/failure.ts';
import { treeCosts } from '../decisions/tree/tree-costs.ts';
import { notedActiveTime } from '../model/active-time.ts';
import { ENDED, type Project } from '../model/project.ts';
import type { StateStore } from '../ports.ts';

/** What a project that came to its end by itself took. */
export interface Finished {
  repository: string;
  personas: readonly string[];
  /** On which most of its money was spent; `null`: none. */
  model: string | null;
  proved: boolean;
  /** USD, its branches included. */
  cost: number;
  /** Worked on. */
  activeMs: number;
  /** From its start to its end, waits included. */
  spanMs: number;
}

/** The newest tell more of what comes than the oldest, and reading a ledger takes its time. */
const MOST = 200;

/** Projects that ended by themselves, those of the repository first; branches of decisions count with the project that they were forked from. */
export async function finishedProjects(
  state: Pick<StateStore, 'listProjects' | 'project' | 'costs'>,
  repository: string,
): Promise<Finished[]> {
  const { projects } = await state.listProjects();
  const ended = projects
    .filter((each) => each.parentProjectId === undefined && ENDED.has(each.status) && !each.stopped)
    .sort(
      (a, b) =>
        Number(b.repository === repository) - Number(a.repository === repository) || endOf(b) - endOf(a),
    )
    .slice(0, MOST);
  // One that cannot be read tells nothing, and hides no other.
  const taken = ended.map((project) => take(state, project).catch(expecting(isFailure, null)));
  return (await Promise.all(taken)).filter((each) => each !== null);
}

async function take(state: Pick<StateStore, 'project' | 'costs'>, project: Project): Promise<Finished> {
  const { entries, totalSpent, possibleSpent } = await treeCosts(state, project.id);
  return {
    repository: project.repository,
    personas: project.personas.map(({ templateName }) => templateName),
    model: dearest(entries.map(({ model, cost }) => ({ name: model, cost }))),
    proved: project.status === 'completed',
    cost: totalSpent + possibleSpent,
    activeMs: notedActiveTime(project),
    spanMs: Math.max(0, endOf(project) - (project.startTime ?? project.createdAt).getTime()),
  };
}

const endOf = (project: Project): number => (project.endTime ?? project.updatedAt).getTime();

/** The name on which most was spent. `null` without any. */
export function dearest(entries: readonly { name: string; cost: number }[]): string | null {
  const spent = new Map<string, number>();
  for (const { name, cost } of entries) spent.set(name, (spent.get(name) ?? 0) + cost);
  return [...spent].sort(([, a], [, b]) => b - a)[0]?.[0] ?? null;
}
