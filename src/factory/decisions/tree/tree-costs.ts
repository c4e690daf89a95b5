import {
  type BranchCosts,
  countedEntries,
  type LedgerEntry,
  summariseCosts,
  type TreeCosts,
} from '../../finance/books/costs.ts';
import type { Project } from '../../model/project.ts';
import type { StateStore } from '../../ports.ts';
import { flatten, readTree } from './tree.ts';

/**
 * The ledgers of a project and of its descendants, summed up as one; entries of a descendant carry its id. A child takes
 * over its parent's journal, so a request may be booked by both: it counts once, for the older project.
 */
export async function treeCosts(
  state: Pick<StateStore, 'project' | 'costs'>,
  id: string,
): Promise<TreeCosts> {
  const { projects, entries } = await treeLedger(state, id);
  const own = (projectId: string) => entries.filter((entry) => (entry.projectId ?? id) === projectId);
  return {
    ...summariseCosts(id, entries),
    branches: projects.map((project) => describe(project, own(project.id))),
  };
}

/** The projects of a tree, the asked one first, and what counts of all their ledgers. */
export async function treeLedger(
  state: Pick<StateStore, 'project' | 'costs'>,
  id: string,
): Promise<{ projects: Project[]; entries: LedgerEntry[] }> {
  const projects = flatten(await readTree(state, id));
  const ledgers = await Promise.all(
    projects.map(async (project) => {
      const rows = await state.costs(project.id).readAll();
      return project.id === id ? rows : rows.map((row) => ({ ...row, projectId: project.id }));
    }),
  );
  return { projects, entries: countedEntries(ledgers.flat()) };
}

function describe(project: Project, entries: readonly LedgerEntry[]): BranchCosts {
  const { totalSpent, possibleSpent, tokensUsed } = summariseCosts(project.id, entries);
  const { id, name, workBranch, decisionContext } = project;
  return {
    projectId: id,
    name,
    workBranch,
    ...(decisionContext === undefined ? {} : { option: decisionContext.option }),
    totalSpent,
    possibleSpent,
    tokensUsed,
  };
}
