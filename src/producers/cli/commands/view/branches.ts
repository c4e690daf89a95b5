import {
  type BranchFigures,
  branchFigures,
  type FigureDeps,
} from '../../../../factory/decisions/tree/figures.ts';
import { lineage, type ProjectTree, readTree } from '../../../../factory/decisions/tree/tree.ts';
import type { Project } from '../../../../factory/model/project.ts';
import type { CommandContext } from '../../framework/context.ts';
import { type Invocation, requiredArgument } from '../../framework/options.ts';
import { bold, cut, dim, formatUsd, green, jsonText, shortId, type Text } from '../../render/output.ts';
import { statusText } from '../../render/status-text.ts';

/** A project with its figures and the projects forked from it. */
export interface Branch {
  /** Cost and tokens with those of its descendants. */
  project: Project;
  figures: BranchFigures;
  children: Branch[];
}

/** The document of `df branches --json`. */
interface BranchDocument extends Branch {
  /** The branches that led to this one, the root's first. */
  lineage: string[];
}

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const { state, git } = await context.services();
  const id = await state.resolveProject(requiredArgument(invocation));
  const tree = await measure({ state, git }, await readTree(state, id));
  const line = (await lineage(state, tree.project)).map(({ workBranch }) => workBranch);
  if (context.json) {
    const document: BranchDocument = { ...tree, lineage: line };
    context.out.raw(jsonText(document));
    return 0;
  }
  if (line.length > 1) context.out.line(dim(line.join(' › ')));
  show(context, tree, { head: '', below: '' });
  return 0;
}

async function measure(deps: FigureDeps, { project, children }: ProjectTree): Promise<Branch> {
  const [figures, ...below] = await Promise.all([
    branchFigures(deps, project),
    ...children.map((child) => measure(deps, child)),
  ]);
  const { cost: totalCost, tokens: tokensUsed } = figures;
  return { project: { ...project, totalCost, tokensUsed }, figures, children: below };
}

/** What stands before a line and before those below it. */
interface Indent {
  head: string;
  below: string;
}

function show(context: CommandContext, branch: Branch, indent: Indent, chosen = false): void {
  const { project, figures, children } = branch;
  const option =
    project.decisionContext === undefined ? '' : `  “${cut(project.decisionContext.option, 60)}”`;
  context.out.line([
    indent.head,
    bold(cut(project.name, 60)),
    `${option}  `,
    statusText(project.status),
    chosen ? green('  chosen') : '',
    '  ',
    figureText(figures),
    `  ${project.workBranch}  `,
    dim(shortId(project.id)),
  ]);
  const winners = new Set(project.forks.map(({ choice }) => choice?.projectId));
  for (const [index, child] of children.entries()) {
    const last = index === children.length - 1;
    const { below } = indent;
    const next = { head: `${below}${last ? '└─ ' : '├─ '}`, below: `${below}${last ? '   ' : '│  '}` };
    show(context, child, next, winners.has(child.project.id));
  }
}

function figureText({ gate, sealed, tasks, diff, confidence, cost }: BranchFigures): Text {
  const parts = [
    ...(confidence === null ? [] : [`confidence ${confidence.toFixed(2)}`]),
    ...(gate === null ? [] : [`gate ${gate.checks.passed}/${gate.checks.total}`]),
    ...(sealed === null ? [] : [`sealed ${sealed.passed}/${sealed.total}`]),
    ...(tasks.total === 0 ? [] : [`tasks ${tasks.proved}/${tasks.total}`]),
    ...(diff === null ? [] : [`+${diff.insertions} -${diff.deletions}`]),
    formatUsd(cost),
  ];
  return parts.join(', ');
}
