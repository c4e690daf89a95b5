import { shellQuote } from '../../lib/text/shell-quote.ts';
import type { QualityReport } from '../model/gates/gate-report.ts';
import type { Project } from '../model/project.ts';
import type { Task } from '../model/task.ts';
import { isProved } from '../tasks/list/count.ts';
import { neverRed, seenRedText } from '../tasks/proof/on-base.ts';
import { newestEvidence } from '../tasks/proof/runs.ts';
import { leftToTry, nextStep } from './next-step.ts';
import { describeDecisions } from './report-decisions.ts';
import { describeDropped } from './report-dropped.ts';
import { countMoney, measureTime } from './report-figures.ts';
import { describeTests } from './report-tests.ts';
import type { Report, ReportGate, ReportMaterial, ReportTask } from './report-types.ts';

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
      ...(project.stopped ? { stopped: true as const } : {}),
      ...(project.statusReason === undefined ? {} : { reason: project.statusReason }),
    },
    ...(project.publication === undefined ? {} : { publication: project.publication }),
    next: nextStep(project, null),
    failing: [...(material.failing ?? [])],
    leftToTry: leftToTry(material),
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
    questions: [...(material.questions ?? [])],
    unheard: (material.messages ?? []).filter(({ deliveredAt }) => deliveredAt === undefined),
    incidents: incidents
      .slice(-MOST_INCIDENTS)
      .map(({ timestamp, level, type, message }) => ({ timestamp, level, type, message })),
    earlierIncidents: Math.max(0, incidents.length - MOST_INCIDENTS),
    look: git === null ? [] : howToLook(project),
  };
}

function describeProject(project: Project): Report['project'] {
  const { id, name, repository, baseBranch, baseCommit, workBranch, createdAt, startTime, endTime, applied } =
    project;
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
    ...(applied === undefined ? {} : { applied: applied.branch }),
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
  return {
    id: task.id,
    title: task.title,
    status: task.status,
    ...(task.assignedPersona === undefined ? {} : { persona: task.assignedPersona }),
    completionConfidence: task.completionConfidence,
    evidence: newestEvidence(task.evidence),
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
    `${git} merge ${shellWord(workBranch)}`,
  ];
}

/** Safe to paste into a POSIX shell. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_./:@%+=-]+$/.test(text) ? text : shellQuote(text);
}
