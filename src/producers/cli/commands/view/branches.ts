import type { BranchFigures } from '../../../../factory/decisions/tree/figures.ts';
import { shownStatus } from '../../../../factory/model/project.ts';
import { type Branch, branchDocument } from '../../../documents/branches.ts';
import type { CommandContext } from '../../framework/context.ts';
import type { Invocation } from '../../framework/options.ts';
import { projectArgument } from '../../framework/project-argument.ts';
import { bold, cut, dim, formatUsd, green, jsonText, shortId, type Text } from '../../render/output.ts';
import { statusText } from '../../render/status-text.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const { state, git } = await context.services();
  const id = await projectArgument(context, invocation);
  const tree = await branchDocument({ state, git }, id);
  if (context.json) {
    context.out.raw(jsonText(tree));
    return 0;
  }
  if (tree.lineage.length > 1) context.out.line(dim(tree.lineage.join(' › ')));
  show(context, tree, { head: '', below: '' });
  return 0;
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
    statusText(shownStatus(project)),
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
