/** What the overview of all projects shows of each, small enough that a thousand are sent at once. */
import { ENDED, type Project } from '../../factory/model/project.ts';
import type { ProjectSummary, StateStore } from '../../factory/ports.ts';
import { needInTree } from '../../factory/report/need-in-tree.ts';
import type { Need } from '../../factory/report/next-step.ts';
import { type Order, ordersAfterEnd, ordersOf } from '../../factory/report/orders.ts';
import { expecting } from '../../lib/errno.ts';
import { isFailure } from '../../lib/failure.ts';
import { asNoted, asShown } from './as-shown.ts';
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
  > {
  /** What only its owner can do for it. Missing: it goes on by itself, or has ended. */
  need?: Need;
  /** What may be ordered of it now. */
  may: Order[];
}

/** What rows are made with. */
export interface RowDeps {
  state: Pick<StateStore, 'project' | 'costs' | 'agent' | 'tasks'>;
  /** Processes that live; `null`: not known. */
  workers: number | null;
  now: Date;
}

/** Longer reasons are cut: a list shows a few lines of them. */
const REASON = 300;
/** Older ones are found by their list. */
const MOST = 1_000;

/** The newest projects, without the branches of decisions: those stand with their parent. */
export async function overviewRows(
  deps: RowDeps & { state: Pick<StateStore, 'listSummaries'> },
): Promise<OverviewRow[]> {
  const { state } = deps;
  const { projects } = await state.listSummaries();
  const roots = projects.filter(({ parentProjectId }) => parentProjectId === undefined);
  const rows = await Promise.all(
    roots
      .slice(-MOST)
      .toReversed()
      .map(async (each) =>
        ENDED.has(each.status) && !each.moves && !each.unpublished
          ? { ...rowOf({ ...each, started: true, waiting: undefined }), may: ordersAfterEnd(each) }
          : rowNow(deps, await state.project(each.id).get()),
      ),
  );
  return withPlaces(state, rows);
}

/** Of a branch of a decision: the row of the project that it comes from, whose figures are its own, too. */
export async function overviewRow(deps: RowDeps, id: string): Promise<OverviewRow> {
  const project = await deps.state.project(id).get();
  const { parentProjectId } = project;
  return parentProjectId === undefined ? rowNow(deps, project) : overviewRow(deps, parentProjectId);
}

async function rowNow({ state, workers, now }: RowDeps, found: Project): Promise<OverviewRow> {
  // A file that cannot be read hides no project; df health names it.
  const project = await asShown(state, found).catch(expecting(isFailure, asNoted(found)));
  const need = await needInTree(state, project, workers);
  return { ...rowOf(project), ...(need === null ? {} : { need }), may: ordersOf(project, now) };
}

function rowOf(
  project: Project | (Omit<ProjectSummary, 'waiting'> & { started: boolean; waiting?: undefined }),
): Omit<OverviewRow, 'need' | 'may'> {
  const { id, name, status, started, repository, activeMs, totalCost, updatedAt } = project;
  const { stopped, statusReason, waiting } = project;
  return {
    ...{ id, name, status, started, repository, activeMs, totalCost, updatedAt },
    ...(stopped === undefined ? {} : { stopped }),
    ...(statusReason === undefined ? {} : { statusReason: statusReason.slice(0, REASON) }),
    ...(waiting === undefined ? {} : { waiting }),
  };
}
