import type { StateStore } from '../../factory/ports.ts';
import type { Project } from '../../factory/project/project.ts';
import type { CommandContext } from './context.ts';
import { type Invocation, requiredArgument } from './options.ts';
import { bold, dim, formatUsd, jsonText, shortId } from './output.ts';
import { statusText } from './status-text.ts';

/** A project with the projects forked from it. */
export interface Branch {
  project: Project;
  children: Branch[];
}

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const { state } = await context.services();
  const id = await state.resolveProject(requiredArgument(invocation));
  const tree = await readTree(state, id, new Set());
  if (context.json) context.out.raw(jsonText(tree));
  else show(context, tree, '');
  return 0;
}

async function readTree(state: StateStore, id: string, seen: Set<string>): Promise<Branch> {
  const project = await state.project(id).get();
  const fresh = project.childProjectIds.filter((child) => !seen.has(child));
  for (const child of fresh) seen.add(child);
  const children = await Promise.all(fresh.map((child) => readTree(state, child, seen)));
  return { project, children };
}

function show(context: CommandContext, { project, children }: Branch, indent: string): void {
  const option = project.decisionContext === undefined ? '' : `  “${project.decisionContext.option}”`;
  context.out.line([
    indent,
    bold(project.name),
    `${option}  `,
    statusText(project.status),
    `  ${formatUsd(project.totalCost)}  ${project.workBranch}  `,
    dim(shortId(project.id)),
  ]);
  for (const child of children) show(context, child, `${indent}  `);
}
