import { expecting } from '../../lib/errno.ts';
import { isFailure } from '../../lib/failure.ts';
import { treeCosts } from '../decisions/tree/tree-costs.ts';
import { readAgents } from '../model/agents.ts';
import type { Project } from '../model/project.ts';
import type { StateStore } from '../ports.ts';
import { countTasks } from '../tasks/list/count.ts';

/** Figures in a project's document that others decide: its ledgers, those of its descendants, and its agents. */
export type RunningFigures = Pick<Project, 'totalCost' | 'tokensUsed' | 'agentsMs' | 'taskCounts'>;

type FigureState = Pick<StateStore, 'project' | 'costs' | 'agent' | 'tasks'>;

export async function runningFigures(state: FigureState, project: Project): Promise<RunningFigures> {
  const [{ totalSpent, tokensUsed }, agents, list] = await Promise.all([
    treeCosts(state, project.id),
    readAgents(state, project),
    state.tasks(project.id).get(),
  ]);
  const { completed, total } = countTasks(list);
  const agentsMs = agents.reduce((sum, { runtimeMs }) => sum + runtimeMs, 0);
  return { totalCost: totalSpent, tokensUsed, agentsMs, taskCounts: { completed, total } };
}

/**
 * Writes them into the documents of an open project and of those that it was forked from, where they have changed. Files
 * that cannot be read hold up nothing here: who needs them to decide says so.
 */
export async function noteFigures(state: FigureState, projectId: string): Promise<void> {
  const project = await state.project(projectId).get();
  if (project.settled) return;
  const figures = await runningFigures(state, project).catch(expecting(isFailure, null));
  if (figures === null) return;
  if (differ(project, figures))
    await state
      .project(projectId)
      .update((current) =>
        current.settled || !differ(current, figures) ? current : { ...current, ...figures },
      );
  if (project.parentProjectId !== undefined) await noteFigures(state, project.parentProjectId);
}

function differ(project: RunningFigures, figures: RunningFigures): boolean {
  return (
    project.totalCost !== figures.totalCost ||
    project.tokensUsed !== figures.tokensUsed ||
    project.agentsMs !== figures.agentsMs ||
    project.taskCounts?.completed !== figures.taskCounts?.completed ||
    project.taskCounts?.total !== figures.taskCounts?.total
  );
}
