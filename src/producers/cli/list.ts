import type { StateStore } from '../../factory/ports.ts';
import { type Project, projectStatus } from '../../factory/project/project.ts';
import type { CommandContext } from './context.ts';
import { warnOfHalt } from './halt.ts';
import { type Invocation, textOption } from './options.ts';
import { formatMoment, formatUsd, jsonText, shortId, yellow } from './output.ts';
import { parseChoice } from './parse.ts';
import { withLedger } from './snapshot.ts';
import { statusText } from './status-text.ts';
import { table } from './table.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const wanted = textOption(invocation, 'status');
  const status = wanted === undefined ? undefined : parseChoice('--status', wanted, projectStatus.options);
  const { state } = await context.services();
  const { projects, unreadable } = await state.listProjects();
  await warnOfHalt(context);
  const wantedOnes = projects.filter((project) => status === undefined || project.status === status);
  const shown = (await Promise.all(wantedOnes.map((project) => upToDate(state, project)))).sort(
    (a, b) => b.createdAt.getTime() - a.createdAt.getTime(),
  );
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
        { head: 'created' },
        { head: 'branch', width: 60 },
      ],
      shown.map((project) => [
        shortId(project.id),
        project.name,
        statusText(project.status),
        formatUsd(project.totalCost),
        formatMoment(project.createdAt),
        project.workBranch,
      ]),
      context.out.colour,
    ),
  );
  return 0;
}

/**
 * The figures of an ended project are final, but for those of children that end after it; reading ten thousand ledgers for
 * them would take long.
 */
function upToDate(state: StateStore, project: Project): Promise<Project> {
  const moves = project.started && !project.settled;
  return moves || project.childProjectIds.length > 0 ? withLedger(state, project) : Promise.resolve(project);
}
