import { hasStatus, type Project, shownStatus, shownStatuses } from '../../../../factory/model/project.ts';
import type { ProjectSummary } from '../../../../factory/ports.ts';
import { type Need, needOf } from '../../../../factory/report/next-step.ts';
import { formatDuration } from '../../../../lib/duration.ts';
import { upToDate } from '../../../documents/up-to-date.ts';
import { countWorkers } from '../../../documents/workers.ts';
import type { CommandContext } from '../../framework/context.ts';
import { warnOfHalt } from '../../framework/halt.ts';
import { type Invocation, textOption } from '../../framework/options.ts';
import { parseChoice } from '../../framework/parse.ts';
import {
  cut,
  cyan,
  formatMoment,
  formatUsd,
  jsonText,
  shortId,
  type Text,
  yellow,
} from '../../render/output.ts';
import { statusText } from '../../render/status-text.ts';
import { table } from '../../render/table.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const wanted = textOption(invocation, 'status');
  const status = wanted === undefined ? undefined : parseChoice('--status', wanted, shownStatuses.options);
  const { state } = await context.services();
  // People see few fields, and those are found several times faster.
  const { projects, unreadable } = await (context.json ? state.listProjects() : state.listSummaries());
  await warnOfHalt(context);
  const wantedOnes = projects.filter((project) => status === undefined || hasStatus(project, status));
  const current = await upToDate(state, wantedOnes);
  const shown = current.projects.toReversed();
  for (const { id, problem } of [...unreadable, ...current.unreadable]) {
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
  const workers = await countWorkers(await context.services(), context.env);
  for (const line of listLines(shown, workers, context)) context.out.line(line);
  return 0;
}

type Row = ProjectSummary | Project;

/** What needs its owner first, then the newest; branches below the project that they were forked from. */
function listLines(projects: readonly Row[], workers: number | null, context: CommandContext): Text[] {
  const needs = new Map(
    projects.flatMap((each) => ('forks' in each ? (needEntry(each, workers) ?? []) : [])),
  );
  const ids = new Set(projects.map(({ id }) => id));
  const roots = projects.filter(({ parentProjectId: parent }) => parent === undefined || !ids.has(parent));
  const children = new Map<string, Row[]>();
  for (const each of projects.toReversed()) {
    const { parentProjectId: parent } = each;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), each]);
  }
  const below = (project: Row, depth: number): { project: Row; depth: number }[] => [
    { project, depth },
    ...(children.get(project.id) ?? []).flatMap((child) => below(child, depth + 1)),
  ];
  const isNeedy = (project: Row): boolean => below(project, 0).some((each) => needs.has(each.project.id));
  const ordered = [...roots.filter(isNeedy), ...roots.filter((root) => !isNeedy(root))];
  const rows = ordered.flatMap((root) => below(root, 0));
  const shown = table(
    [
      { head: 'id' },
      { head: 'name', width: 40 },
      { head: 'status' },
      { head: 'tasks', align: 'right' },
      { head: 'time', align: 'right' },
      { head: 'cost', align: 'right' },
      { head: 'repository', width: 24, spare: 2 },
      { head: 'created', spare: 4 },
      { head: 'branch', width: 60, spare: 5 },
      { head: 'why', width: 40, spare: 1 },
    ],
    rows.map(({ project, depth }) => [
      shortId(project.id),
      `${depth === 0 ? '' : `${'  '.repeat(depth - 1)}└ `}${project.name}`,
      statusText(shownStatus(project)),
      project.taskCounts ? `${project.taskCounts.completed}/${project.taskCounts.total}` : '',
      project.activeMs === 0 ? '' : formatDuration(project.activeMs),
      formatUsd(project.totalCost),
      project.repository.slice(project.repository.lastIndexOf('/') + 1),
      formatMoment(project.createdAt),
      project.workBranch,
      project.status === 'completed' ? (publishedAt(project) ?? '') : (reasonOf(project) ?? ''),
    ]),
    context.out,
  );
  const needy = rows.flatMap(({ project }) => {
    const need = needs.get(project.id);
    if (need === undefined) return [];
    const command = need.do.replace(/^df /, `${context.program} `);
    return [[yellow('needs you'), `  ${cut(project.name, 40)}: ${cut(need.why, 160)}  `, cyan(command)]];
  });
  return [...needy, ...(needy.length === 0 ? [] : ['']), shown];
}

function needEntry(project: Project, workers: number | null): [string, Need][] | null {
  const need = needOf(project, workers);
  return need === null ? null : [[project.id, need]];
}

const publishedAt = (project: Row): string | undefined =>
  'forks' in project ? project.publication?.url : project.published;

function reasonOf(project: Row): string | undefined {
  return ('waiting' in project ? project.waiting?.detail : undefined) ?? project.statusReason;
}
