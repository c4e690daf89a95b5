import { mayTake } from '../../factory/decisions/choose/owner-actions.ts';
import { type BranchFigures, branchFigures, type FigureDeps } from '../../factory/decisions/tree/figures.ts';
import { lineage, type ProjectTree, readTree } from '../../factory/decisions/tree/tree.ts';
import type { Project } from '../../factory/model/project.ts';
import type { StateStore } from '../../factory/ports.ts';
import type { Order } from '../../factory/report/orders.ts';
import { asShown } from './as-shown.ts';

/** A project with its figures and the projects forked from it. */
export interface Branch {
  /** Cost and tokens with those of its descendants. */
  project: Project;
  figures: BranchFigures;
  /** What may be ordered of it as a branch. */
  may: Order[];
  children: Branch[];
}

/** The document of `df branches --json`. */
export interface BranchDocument extends Branch {
  /** The branches that led to this one, the root's first. */
  lineage: string[];
}

type BranchDeps = FigureDeps & { state: StateStore };

async function measure(
  deps: BranchDeps,
  { project, children }: ProjectTree,
  parent?: Project,
): Promise<Branch> {
  const shown = await asShown(deps.state, project);
  const [figures, ...below] = await Promise.all([
    branchFigures(deps, project),
    ...children.map((child) => measure(deps, child, project)),
  ]);
  const { cost: totalCost, tokens: tokensUsed } = figures;
  const may: Order[] = parent !== undefined && mayTake(parent, project) ? ['merge'] : [];
  return { project: { ...shown, totalCost, tokensUsed }, figures, may, children: below };
}

export async function branchDocument(deps: BranchDeps, id: string): Promise<BranchDocument> {
  const tree = await measure(deps, await readTree(deps.state, id));
  const line = (await lineage(deps.state, tree.project)).map(({ workBranch }) => workBranch);
  return { ...tree, lineage: line };
}
