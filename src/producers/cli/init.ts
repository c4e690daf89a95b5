import type { Project } from '../../factory/project/project.ts';
import { formatDuration } from '../../lib/duration.ts';
import type { CommandContext } from './context.ts';
import type { Invocation } from './options.ts';
import { bold, formatUsd, jsonText, shortId } from './output.ts';
import { readNewProject } from './project-input.ts';
import { sealedRows } from './sealed-text.ts';
import { fields } from './table.ts';
import { warner } from './warn.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const project = await create(context, invocation);
  if (context.json) context.out.raw(jsonText(project));
  else {
    showNewProject(context, project);
    context.out.line();
    context.out.line(`Start it with: ${context.program} start ${shortId(project.id)}`);
  }
  return 0;
}

/** Makes the project and tells the owner what will probably go wrong. */
export async function create(context: CommandContext, invocation: Invocation): Promise<Project> {
  const input = await readNewProject(context, invocation);
  const { engine } = await context.services();
  const { project, warnings } = await engine.createProject(input);
  const warn = warner(context);
  for (const warning of warnings) warn(warning);
  return project;
}

export function showNewProject({ out }: CommandContext, project: Project): void {
  const limits = [`${formatDuration(project.maxRuntime)} of active time`];
  if (project.settings.budget !== undefined) limits.push(formatUsd(project.settings.budget));
  out.line(
    fields([
      ['Project', [bold(project.name), `  ${project.id}`]],
      ['Repository', project.repository],
      ['Branch', `${project.workBranch}, from ${project.baseBranch} (${project.baseCommit.slice(0, 12)})`],
      ['Personas', project.personas.map((each) => each.templateName).join(', ')],
      ['Limits', limits.join(', ')],
      ...sealedRows(project),
    ]),
  );
}
