import { figuresMove, type Project, projectStatus } from '../../../../factory/model/project.ts';
import type { ProjectSummary, StateStore } from '../../../../factory/ports.ts';
import type { CommandContext } from '../../framework/context.ts';
import { warnOfHalt } from '../../framework/halt.ts';
import { type Invocation, textOption } from '../../framework/options.ts';
import { parseChoice } from '../../framework/parse.ts';
import { asShown } from '../../live/snapshot.ts';
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
async function upToDate<T extends Project | ProjectSummary>(
  state: StateStore,
  projects: readonly T[],
): Promise<(T | Project)[]> {
  const moving = projects.filter((project) => ('moves' in project ? project.moves : figuresMove(project)));
  const read = moving.map(async ({ id }) => asShown(state, await state.project(id).get()));
  const fresh = new Map((await Promise.all(read)).map((project) => [project.id, project]));
  return projects.map((project) => fresh.get(project.id) ?? project);
}
