import type { GatePlan } from '../../../../factory/gates/run/gate-plan.ts';
import type { CreatedProject } from '../../../../factory/lifecycle/create/create.ts';
import type { Project } from '../../../../factory/model/project.ts';
import { formatDuration } from '../../../../lib/duration.ts';
import type { CommandContext } from '../../framework/context.ts';
import type { Invocation } from '../../framework/options.ts';
import { warner } from '../../framework/warn.ts';
import { notCheckedRows } from '../../render/gate-text.ts';
import { bold, cut, formatUsd, jsonText, shortId, type Text, yellow } from '../../render/output.ts';
import { sealedRows } from '../../render/sealed-text.ts';
import { fields } from '../../render/table.ts';
import { modelRows } from '../view/status-money.ts';
import { readNewProject } from './project-input.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const project = await create(context, invocation);
  if (context.json) context.out.raw(jsonText(project));
  else {
    context.out.line();
    context.out.line(`Start it with: ${context.program} start ${shortId(project.id)}`);
  }
  return 0;
}

/** Makes the project, shows it to people, and tells them what will probably go wrong. */
export async function create(context: CommandContext, invocation: Invocation): Promise<Project> {
  const input = await readNewProject(context, invocation);
  const { engine } = await context.services();
  const warn = warner(context);
  return engine.createProject(input, (created) => {
    for (const warning of created.warnings) warn(warning);
    if (!context.json) showNewProject(context, created);
  });
}

function showNewProject({ out }: CommandContext, { project, plan }: CreatedProject): void {
  const limits = [`${formatDuration(project.maxRuntime)} of active time`];
  if (project.settings.budget !== undefined) limits.push(formatUsd(project.settings.budget));
  out.line(
    fields([
      ['Project', [bold(project.name), `  ${project.id}`]],
      ['Repository', project.repository],
      ['Branch', `${project.workBranch}, from ${project.baseBranch} (${project.baseCommit.slice(0, 12)})`],
      ['Personas', project.personas.map((each) => each.templateName).join(', ')],
      ['Limits', limits.join(', ')],
      ...modelRows(project.settings),
      ...planRows(plan),
      ...sealedRows(project),
    ]),
  );
}

/** How the work will be proved, and what will not be looked at. */
function planRows({ checks, notChecked, setup }: GatePlan): [string, Text][] {
  return [
    ...checks.map(({ name, command, source }): [string, Text] => [
      name,
      command === null ? yellow('no command') : `${cut(command, 200)}  (${source})`,
    ]),
    ...notCheckedRows(notChecked),
    ['Set-up', setup === null ? 'nothing is installed' : `${cut(setup.command, 200)}  (${setup.source})`],
  ];
}
