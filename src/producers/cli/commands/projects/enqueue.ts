import type { Project } from '../../../../factory/model/project.ts';
import type { CommandContext } from '../../framework/context.ts';
import { warnOfHalt } from '../../framework/halt.ts';
import { flagOption, type Invocation, requiredArgument } from '../../framework/options.ts';
import { warner } from '../../framework/warn.ts';
import { cut, jsonText, plural, shortId, type Text } from '../../render/output.ts';
import { table } from '../../render/table.ts';
import { readBacklog } from './backlog-file.ts';

/** People see so many lines of it. */
const SHOWN = 20;

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const file = await readBacklog(context, requiredArgument(invocation));
  const { backlog } = await context.services();
  const plan = await backlog.plan(...file);
  const warn = warner(context);
  for (const warning of plan.warnings) warn(warning);
  const dryRun = flagOption(invocation, 'dryRun');
  const projects = dryRun ? plan.planned.map(({ project }) => project) : await backlog.enqueue(plan);
  if (!dryRun) await warnOfHalt(context);
  if (context.json) {
    context.out.raw(jsonText(projects));
    return 0;
  }
  for (const line of enqueuedLines(context, projects, dryRun)) context.out.line(line);
  return 0;
}

/** For people: what was made, or would be. */
export function enqueuedLines(
  { out, program }: CommandContext,
  projects: readonly Project[],
  dryRun: boolean,
): Text[] {
  const made = plural(projects.length, 'project');
  const columns = [
    { head: 'id' },
    { head: 'name', width: 40 },
    { head: 'branch', width: 60, spare: 1 },
    { head: 'waits', width: 60 },
  ];
  const rows = projects
    .slice(0, SHOWN)
    .map((each) => [
      dryRun ? '' : shortId(each.id),
      cut(each.name, 40),
      each.workBranch,
      each.waiting?.detail ?? '',
    ]);
  return [
    dryRun ? `Nothing is wrong; ${made} would be made and started.` : `${made} made and started.`,
    table(columns, rows, out),
    ...(projects.length > SHOWN ? [`… and ${projects.length - SHOWN} more`] : []),
    ...(dryRun ? [] : [`Look at them with: ${program} list`]),
  ];
}
