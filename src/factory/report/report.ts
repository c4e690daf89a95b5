import type { AgentState } from '../model/agent.ts';
import type { BranchFigures } from '../decisions/tree/figures.ts';
import type { CostSummary } from '../finance/books/costs.ts';
import type { CostEntry } from '../model/finance.ts';
import type { CheckResult, QualityReport } from '../model/gate-report.ts';
import type { DiffFigures } from '../ports.ts';
import { isProved } from '../tasks/list/count.ts';
import { neverRed, seenRedText } from '../tasks/proof/on-base.ts';
import type { Evidence, Task, TaskList } from '../model/task.ts';
import type { FactoryEvent } from '../model/event.ts';
import type { AuditSummary, Project } from '../model/project.ts';
import { describeDecisions, type ReportDecision } from './report-decisions.ts';
import { countMoney, measureTime } from './report-figures.ts';
import { describeDropped, type ReportDropped } from './report-dropped.ts';
import { describeTests, type ReportTests } from './report-tests.ts';
import type { TimeSpent } from './time-spent.ts';

/** What a report is made from: state and the repository, nothing that a model says about itself. */
export interface ReportMaterial {
  project: Project;
  tasks: TaskList;
  agents: readonly AgentState[];
  /** In order of time. */
  gates: readonly QualityReport[];
  /** The ledger as it is read, with those of all that was forked from the project. */
  costs: readonly CostEntry[];
  events: readonly FactoryEvent[];
  /** `null` when the repository or the branch cannot be read any more. */
  git: { figures: DiffFigures; log: readonly { hash: string; subject: string }[] } | null;
  /** Of the projects that were forked from it, as far as they can be read. */
  branches?: readonly BranchFigures[];
}

export interface ReportTask {
  id: string;
  title: string;
  status: Task['status'];
  persona?: string;
  completionConfidence: number;
  /** The newest run of each criterion, gate check and audit. */
  evidence: Evidence[];
  /** Names of its criteria that pass on the base commit as well. */
  neverRed: string[];
  /** What agents and audits wrote about it, word for word. */
  notes: string[];
}

export interface ReportGate {
  id: string;
  persona: string;
  kind: QualityReport['kind'];
  round: number;
  passed: boolean;
  at: Date;
  commit: string;
  sandbox: string;
  durationMs: number;
  checks: Omit<CheckResult, 'output'>[];
  /** Files that decide what the gate means and differ from the base commit. */
  gateChanged: string[];
}

export interface Report {
  generatedAt: Date;
  project: {
    id: string;
    name: string;
    repository: string;
    baseBranch: string;
    baseCommit: string;
    workBranch: string;
    personas: string[];
    createdAt: Date;
    startTime?: Date;
    endTime?: Date;
  };
  /** The task as the owner gave it. */
  asked: string;
  outcome: { status: Project['status']; reason?: string };
  /** Things the owner must know before trusting the rest. */
  warnings: string[];
  tasks: {
    /** Completed, and a command that the factory ran says so. */
    proved: ReportTask[];
    /** Called completed, with nothing that the factory saw itself. */
    claimed: ReportTask[];
    open: ReportTask[];
    skipped: ReportTask[];
  };
  dropped: ReportDropped;
  /** "N of M criteria have been seen red"; `null` where no task came with criteria. */
  criteria: string | null;
  gates: ReportGate[];
  /** Tests before the work and after it, by the newest gate of each persona. */
  proof: ReportTests;
  audit?: AuditSummary;
  commits: { hash: string; subject: string }[] | null;
  diff: DiffFigures | null;
  time: { activeMs: number; gatesMs: number; elapsedMs?: number; maxRuntime: number } & TimeSpent;
  money: Pick<
    CostSummary,
    'totalSpent' | 'possibleSpent' | 'tokensUsed' | 'byProvider' | 'byPersona' | 'byTask'
  > & {
    budget?: number;
  };
  decisions: ReportDecision[];
  /** The newest warnings and errors of the audit log, in order, and how many came before them. */
  incidents: Pick<FactoryEvent, 'timestamp' | 'level' | 'type' | 'message'>[];
  earlierIncidents: number;
  /** Command lines that show the work. */
  look: string[];
}

/** Incidents beyond this many are counted, not listed. */
const MOST_INCIDENTS = 50;

/** Makes the report of a project at one moment. Pure. */
export function makeReport(material: ReportMaterial, now: Date): Report {
  const { project, git, gates } = material;
  const incidents = material.events.filter(({ level }) => level === 'warn' || level === 'error');
  return {
    generatedAt: now,
    project: describeProject(project),
    asked: project.description,
    outcome: {
      status: project.status,
      ...(project.statusReason === undefined ? {} : { reason: project.statusReason }),
    },
    warnings: findWarnings(material),
    tasks: sortTasks(material.tasks.tasks),
    dropped: describeDropped(material.tasks.tasks, gates, material.events, git?.log ?? null),
    criteria: seenRedText(material.tasks.tasks),
    gates: gates.map(describeGate),
    proof: describeTests(project, gates),
    ...(project.lastAudit === undefined ? {} : { audit: project.lastAudit }),
    commits: git === null ? null : [...git.log],
    diff: git?.figures ?? null,
    time: measureTime(material, now),
    money: countMoney(material),
    decisions: describeDecisions(project, material.agents, material.branches ?? []),
    incidents: incidents
      .slice(-MOST_INCIDENTS)
      .map(({ timestamp, level, type, message }) => ({ timestamp, level, type, message })),
    earlierIncidents: Math.max(0, incidents.length - MOST_INCIDENTS),
    look: howToLook(project),
  };
}

function describeProject(project: Project): Report['project'] {
  const { id, name, repository, baseBranch, baseCommit, workBranch, createdAt, startTime, endTime } = project;
  return {
    id,
    name,
    repository,
    baseBranch,
    baseCommit,
    workBranch,
    personas: project.personas.map((persona) => persona.templateName),
    createdAt,
    ...(startTime === undefined ? {} : { startTime }),
    ...(endTime === undefined ? {} : { endTime }),
  };
}

function sortTasks(tasks: readonly Task[]): Report['tasks'] {
  const sorted: Report['tasks'] = { proved: [], claimed: [], open: [], skipped: [] };
  for (const task of tasks) {
    const entry = describeTask(task);
    if (task.status === 'skipped') sorted.skipped.push(entry);
    else if (task.status !== 'completed') sorted.open.push(entry);
    // What a later commit has overtaken says nothing of the work as it is.
    else if (isProved(entry) && !entry.evidence.some(({ kind, stale }) => stale && kind !== 'audit'))
      sorted.proved.push(entry);
    else sorted.claimed.push(entry);
  }
  return sorted;
}

function describeTask(task: Task): ReportTask {
  const newest = new Map<string, Evidence>();
  for (const each of task.evidence) newest.set(`${each.kind} ${each.name}`, each);
  return {
    id: task.id,
    title: task.title,
    status: task.status,
    ...(task.assignedPersona === undefined ? {} : { persona: task.assignedPersona }),
    completionConfidence: task.completionConfidence,
    evidence: [...newest.values()],
    neverRed: neverRed(task).map(({ name }) => name),
    notes: task.verificationNotes,
  };
}

function describeGate(report: QualityReport): ReportGate {
  const { id, persona, kind, round, passed, timestamp, commit, sandbox, durationMs } = report;
  return {
    id,
    persona,
    kind,
    round,
    passed,
    at: timestamp,
    commit,
    sandbox,
    durationMs,
    checks: report.checks.map(({ output: _output, ...check }) => check),
    gateChanged: report.changedDefinitions,
  };
}

function findWarnings({ project, gates, costs, tasks }: ReportMaterial): string[] {
  const warnings: string[] = [];
  if (gates.some((gate) => gate.sandbox === 'off')) {
    warnings.push('The sandbox was switched off: commands ran with the rights of the worker.');
  }
  const changed = [...new Set(gates.flatMap((gate) => gate.changedDefinitions))];
  if (changed.length > 0) warnings.push(`Gate changed: ${changed.join(', ')} differ from the base commit.`);
  const switchedOff = (['test', 'lint', 'format'] as const).filter(
    (check) => project.settings.commands[check] === null,
  );
  if (switchedOff.length > 0) warnings.push(`Switched off by the owner: ${switchedOff.join(', ')}.`);
  const lost = costs.filter((entry) => entry.possible).length;
  if (lost > 0)
    warnings.push(`${lost} of ${costs.length} model replies were lost; their cost is the worst case.`);
  if (project.status === 'completed' && tasks.tasks.length === 0) warnings.push('No task was ever listed.');
  return warnings;
}

function howToLook({ repository, baseCommit, workBranch }: Project): string[] {
  const git = `git -C ${shellWord(repository)}`;
  const base = baseCommit.slice(0, 12);
  return [
    `${git} log --oneline ${base}..${shellWord(workBranch)}`,
    `${git} diff ${base}...${shellWord(workBranch)}`,
    `${git} switch ${shellWord(workBranch)}`,
  ];
}

/** Safe to paste into a POSIX shell. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
