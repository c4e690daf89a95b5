import type { AgentState } from '../../../../factory/model/agent.ts';
import { readAgents } from '../../../../factory/model/agents.ts';
import type { QualityReport } from '../../../../factory/model/gate-report.ts';
import type { AuditSummary, Project, Waiting } from '../../../../factory/model/project.ts';
import type { TaskList } from '../../../../factory/model/task.ts';
import type { Halt } from '../../../../factory/ports.ts';
import { type TimeSpent, timeSpent } from '../../../../factory/report/time-spent.ts';
import { countTasks, type TaskCounts } from '../../../../factory/tasks/list/count.ts';
import { seenRedText } from '../../../../factory/tasks/proof/on-base.ts';
import { formatDuration } from '../../../../lib/duration.ts';
import type { CommandContext } from '../../framework/context.ts';
import { warnOfHalt } from '../../framework/halt.ts';
import { type Invocation, requiredArgument } from '../../framework/options.ts';
import { asShown } from '../../live/snapshot.ts';
import { gateLines, notCheckedRows } from '../../render/gate-text.ts';
import { bold, cut, formatUsd, jsonText, plural, type Text, yellow } from '../../render/output.ts';
import { sealedRows } from '../../render/sealed-text.ts';
import { statusText } from '../../render/status-text.ts';
import { fields } from '../../render/table.ts';
import { countWorkers } from '../machine/worker-count.ts';
import { auditLines } from '../projects/audit.ts';
import { type ProviderInUse, providerInUse, providerRows, waitingRows } from './status-money.ts';
import { timeRows } from './status-time.ts';

/** The document of `df status --json`. */
interface StatusDocument {
  project: Project;
  tasks: TaskCounts;
  agents: AgentState[];
  /** The newest gate. */
  gate?: QualityReport;
  audit?: AuditSummary;
  /** Worker processes; `null` when the Redis that knows them does not answer. */
  workers: number | null;
  /** The emergency stop is on: nothing runs. */
  halted?: Halt;
  waiting?: Waiting;
  /** What the project's calls go to, and why it left another one for it. */
  provider?: ProviderInUse;
  /** Where the time went, in milliseconds; the parts sum up to `wallMs`. */
  time: TimeSpent;
}

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const services = await context.services();
  const id = await services.state.resolveProject(requiredArgument(invocation));
  const project = await asShown(services.state, await services.state.project(id).get());
  const [list, agents, gates, workers, finance, events] = await Promise.all([
    services.state.tasks(id).get(),
    readAgents(services.state, project),
    services.state.gates(id).list(),
    countWorkers(services, context.env),
    services.state.finance(id).get(),
    services.state.events(id).readAll(),
  ]);
  const halt = await warnOfHalt(context);
  const time = timeSpent(events, services.clock.now());
  const provider = providerInUse(finance);
  const gate = gates.at(-1);
  if (context.json) {
    const document: StatusDocument = {
      project,
      tasks: countTasks(list),
      agents,
      ...(gate === undefined ? {} : { gate }),
      ...(project.lastAudit === undefined ? {} : { audit: project.lastAudit }),
      workers,
      ...(halt === null ? {} : { halted: halt }),
      ...(project.waiting === undefined ? {} : { waiting: project.waiting }),
      ...(provider === undefined ? {} : { provider }),
      time,
    };
    context.out.raw(jsonText(document));
    return 0;
  }
  show(context, { project, list, agents, gate, workers, provider, time });
  return 0;
}

interface Shown {
  project: Project;
  list: TaskList;
  agents: AgentState[];
  gate: QualityReport | undefined;
  workers: number | null;
  provider: ProviderInUse | undefined;
  time: TimeSpent;
}

function show({ out, program }: CommandContext, shown: Shown): void {
  const { project, list, agents, gate, workers, provider, time } = shown;
  const counts = countTasks(list);
  const { budget } = project.settings;
  const spent = `${formatUsd(project.totalCost)}${budget === undefined ? '' : ` of at most ${formatUsd(budget)}`}`;
  out.line([bold(project.name), '  ', statusText(project.status), `  ${project.id}`]);
  if (project.statusReason !== undefined) out.line(project.statusReason);
  out.line();
  out.line(
    fields([
      ['Branch', `${project.workBranch}, from ${project.baseBranch} (${project.baseCommit.slice(0, 12)})`],
      ['Repository', project.repository],
      ['Time', `${formatDuration(project.activeMs)} active of at most ${formatDuration(project.maxRuntime)}`],
      ...timeRows(time),
      ['Spent', spent],
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
    for (const line of gateLines(gate)) out.line(line);
  }
  if (project.lastAudit !== undefined) {
    out.line();
    for (const line of auditLines(project.lastAudit)) out.line(line);
  }
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
