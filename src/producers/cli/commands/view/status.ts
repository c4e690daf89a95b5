import type { AgentState } from '../../../../factory/model/agent.ts';
import { ENDED, type Project, shownStatus } from '../../../../factory/model/project.ts';
import type { TaskList } from '../../../../factory/model/task.ts';
import type { TaskCounts } from '../../../../factory/tasks/list/count.ts';
import { seenRedText } from '../../../../factory/tasks/proof/on-base.ts';
import { formatDuration } from '../../../../lib/duration.ts';
import { type StatusDocument, statusDocument } from '../../../documents/status.ts';
import type { CommandContext } from '../../framework/context.ts';
import { warnOfHalt } from '../../framework/halt.ts';
import type { Invocation } from '../../framework/options.ts';
import { projectArgument } from '../../framework/project-argument.ts';
import { gateLines, notCheckedRows } from '../../render/gate-text.ts';
import {
  bold,
  cut,
  formatMoment,
  formatUsd,
  jsonText,
  plural,
  shortId,
  type Text,
  yellow,
} from '../../render/output.ts';
import { sealedRows } from '../../render/sealed-text.ts';
import { statusText } from '../../render/status-text.ts';
import { fields } from '../../render/table.ts';
import { auditLines } from '../projects/audit.ts';
import { modelRows, providerRows, waitingRows } from './status-money.ts';
import { timeRows } from './status-time.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const services = await context.services();
  const id = await projectArgument(context, invocation);
  const document = await statusDocument(services, id, context.env);
  await warnOfHalt(context);
  if (context.json) context.out.raw(jsonText(document));
  else show(context, document, await services.state.tasks(id).get());
  return 0;
}

function show({ out, program }: CommandContext, shown: StatusDocument, list: TaskList): void {
  const { project, tasks: counts, agents, gate, workers, provider, time } = shown;
  const { budget } = project.settings;
  const spent = `${formatUsd(project.totalCost)}${budget === undefined ? '' : ` of at most ${formatUsd(budget)}`}`;
  out.line([bold(project.name), '  ', statusText(shownStatus(project)), `  ${project.id}`]);
  if (project.statusReason !== undefined) out.line(project.statusReason);
  else if (!project.started && !ENDED.has(project.status))
    out.line(`It was not started yet: ${program} start ${shortId(project.id)}`);
  out.line();
  out.line(
    fields([
      ['Branch', `${project.workBranch}, from ${project.baseBranch} (${project.baseCommit.slice(0, 12)})`],
      ...publicationRows(project),
      ['Repository', project.repository],
      ...watchingRows(project),
      ...originRows(project.origin),
      ['Time', `${formatDuration(project.activeMs)} active of at most ${formatDuration(project.maxRuntime)}`],
      ...timeRows(time),
      ['Spent', spent],
      ...modelRows(project.settings),
      ...providerRows(provider),
      ['Tasks', tasksText(counts)],
      ...criteriaRows(list),
      ...notCheckedRows(project.settings.notChecked),
      ...sealedRows(project),
      ['Workers', workersText(workers, project, program)],
      ...waitingRows(project.waiting),
    ]),
  );
  out.line();
  for (const agent of agents) out.line(agentLine(agent, list));
  if (gate !== undefined) {
    out.line();
    for (const line of gateLines(gate, project.worktreePath)) out.line(line);
  }
  if (project.lastAudit !== undefined) {
    out.line();
    for (const line of auditLines(project.lastAudit)) out.line(line);
  }
}

function publicationRows({ publication, toPublish, unpublished }: Project): [string, Text][] {
  if (unpublished !== undefined) return [['Published', yellow(`no: ${unpublished.reason}`)]];
  if (toPublish !== undefined) return [['Published', 'not yet; it is being tried']];
  if (publication === undefined) return [];
  const { url, draft, proved, commit } = publication;
  const notes = [...(draft ? ['a draft'] : []), ...(proved ? [] : ['not proved']), commit.slice(0, 12)];
  return [['Published', `${url} (${notes.join(', ')})`]];
}

function watchingRows({ watching, publication }: Project): [string, Text][] {
  if (watching === undefined || publication?.commit !== watching.commit) return [];
  const { state, reason, rounds, checks } = watching;
  const passed = checks.filter((check) => check.state === 'passed').length;
  const round = rounds === 0 ? '' : `, after ${rounds} more ${rounds === 1 ? 'attempt' : 'attempts'}`;
  return [['Checks', `${reason ?? state} (${passed} of ${checks.length} green${round})`]];
}

function originRows(origin: Project['origin']): [string, string][] {
  if (origin === undefined) return [];
  if (origin.kind === 'issue')
    return [['Made by', `issue #${origin.number} of ${origin.author}, ${origin.url}`]];
  const due = origin.due === undefined ? 'run by hand' : `of ${formatMoment(origin.due)}`;
  return [['Made by', `the schedule ${origin.name}, ${due}`]];
}

function criteriaRows(list: TaskList): [string, string][] {
  const text = seenRedText(list.tasks);
  return text === null ? [] : [['Criteria', text]];
}

function tasksText(counts: TaskCounts): string {
  if (counts.total === 0) return 'none yet';
  const parts = (['completed', 'in_progress', 'pending', 'blocked', 'skipped'] as const)
    .filter((status) => counts[status] > 0)
    .map((status) => `${counts[status]} ${status.replace('_', ' ')}`);
  return `${counts.total}: ${parts.join(', ')}`;
}

function workersText(workers: number | null, project: Project, program: string): Text {
  if (workers === null) return yellow('unknown: Redis does not answer');
  if (workers > 0) return plural(workers, 'process', 'processes');
  const waits = project.started && !project.settled && project.status !== 'paused';
  return waits ? yellow(`none; start one with: ${program} up   or: ${program} worker`) : 'none';
}

function agentLine(agent: AgentState, list: TaskList): Text {
  const task = list.tasks.find((each) => each.id === agent.currentTask);
  const doing = [
    agent.status.replaceAll('_', ' '),
    agent.status === 'completed' ? plural(agent.nextStep - 1, 'step') : `step ${agent.nextStep}`,
    `${formatDuration(agent.runtimeMs)} at work`,
    ...(task === undefined ? [] : [`“${cut(task.title, 60)}”`]),
    ...(agent.blockedReason === undefined ? [] : [cut(agent.blockedReason, 200)]),
  ];
  return [bold(agent.personaName), `  ${doing.join(', ')}`];
}
