import { projectStatus, shownStatus } from '../../../../factory/model/project.ts';
import { upToDate } from '../../../documents/up-to-date.ts';
import type { CommandContext } from '../../framework/context.ts';
import { warnOfHalt } from '../../framework/halt.ts';
import { type Invocation, textOption } from '../../framework/options.ts';
import { parseChoice } from '../../framework/parse.ts';
import { formatMoment, formatUsd, jsonText, shortId, yellow } from '../../render/output.ts';
import { statusText } from '../../render/status-text.ts';
import { table } from '../../render/table.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const wanted = textOption(invocation, 'status');
  const status = wanted === undefined ? undefined : parseChoice('--status', wanted, projectStatus.options);
  const { state } = await context.services();
  // People see few fields, and those are found several times faster.
  const { projects, unreadable } = await (context.json ? state.listProjects() : state.listSummaries());
  await warnOfHalt(context);
  const wantedOnes = projects.filter((project) => status === undefined || project.status === status);
  const shown = (await upToDate(state, wantedOnes)).toReversed();
  for (const { id, problem } of unreadable) {
    context.err.line([yellow('warning:'), ` project ${shortId(id)} cannot be read: ${problem}`]);
  }
  if (context.json) {
    context.out.raw(jsonText(shown));
    return 0;
  }
  if (shown.length === 0) {
    context.out.line(status === undefined ? 'There are no projects yet.' : `No project is ${status}.`);
    if (status === undefined)
      context.out.line(`Make one with: ${context.program} init <name> --description "…"`);
    return 0;
  }
  context.out.line(
    table(
      [
        { head: 'id' },
        { head: 'name', width: 40 },
        { head: 'status' },
        { head: 'cost', align: 'right' },
        { head: 'created', spare: 2 },
        { head: 'branch', width: 60, spare: 1 },
      ],
      shown.map((project) => [
        shortId(project.id),
        project.name,
        statusText(shownStatus(project)),
        formatUsd(project.totalCost),
        formatMoment(project.createdAt),
        project.workBranch,
      ]),
      context.out,
    ),
  );
  return 0;
}
