/** What the overview of all projects shows of each, small enough that a thousand are sent at once. */
import { ENDED, type Project } from '../../factory/model/project.ts';
import type { ProjectSummary, StateStore } from '../../factory/ports.ts';
import { asShown } from './as-shown.ts';
import { withPlaces } from './queue-places.ts';

export interface OverviewRow
  extends Pick<
    Project,
    | 'id'
    | 'name'
    | 'status'
    | 'started'
    | 'repository'
    | 'activeMs'
    | 'totalCost'
    | 'updatedAt'
    | 'stopped'
    | 'statusReason'
    | 'waiting'
  > {}

/** Longer reasons are cut: a list shows a few lines of them. */
const REASON = 300;
/** Older ones are found by their list. */
const MOST = 1_000;

/** The newest projects, without the branches of decisions: those stand with their parent. */
export async function overviewRows(
  state: Pick<StateStore, 'listSummaries' | 'project' | 'costs' | 'agent' | 'tasks'>,
): Promise<OverviewRow[]> {
  const { projects } = await state.listSummaries();
  const roots = projects.filter(({ parentProjectId }) => parentProjectId === undefined);
  const rows = await Promise.all(
    roots
      .slice(-MOST)
      .toReversed()
      .map(async (each) =>
        ENDED.has(each.status) && !each.moves
          ? rowOf({ ...each, started: true, waiting: undefined })
          : rowOf(await asShown(state, await state.project(each.id).get())),
      ),
  );
  return withPlaces(state, rows);
}

/** @returns `null` for a branch of a decision */
export async function overviewRow(
  state: Pick<StateStore, 'project' | 'costs' | 'agent' | 'tasks'>,
  id: string,
): Promise<OverviewRow | null> {
  const project = await state.project(id).get();
  return project.parentProjectId === undefined ? rowOf(await asShown(state, project)) : null;
}

function rowOf(
  project: Project | (Omit<ProjectSummary, 'waiting'> & { started: boolean; waiting?: undefined }),
): OverviewRow {
  const { id, name, status, started, repository, activeMs, totalCost, updatedAt } = project;
  const { stopped, statusReason, waiting } = project;
  return {
    ...{ id, name, status, started, repository, activeMs, totalCost, updatedAt },
    ...(stopped === undefined ? {} : { stopped }),
    ...(statusReason === undefined ? {} : { statusReason: statusReason.slice(0, REASON) }),
    ...(waiting === undefined ? {} : { waiting }),
  };
}
