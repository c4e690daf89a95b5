import { commitWork } from '../../agent/tools/work.ts';
import type { Config } from '../../config/config.ts';
import type { NewEvent } from '../../model/event.ts';
import type { GateCheck } from '../../model/gates/gate-check.ts';
import type { QualityReport } from '../../model/gates/gate-report.ts';
import type { Project } from '../../model/project.ts';
import type { GitManager, ProjectActions, StateStore, WorkDeps } from '../../ports.ts';
import { permissionTexts } from '../pins/permission.ts';
import { runGate } from './run-gate.ts';
import { sealedRun } from './run-sealed.ts';
import type { GateRun, GateRunDeps } from './types.ts';

export interface PersonaGateDeps extends GateRunDeps, Pick<WorkDeps, 'progress'> {
  state: Pick<StateStore, 'newOutput' | 'readOutput' | 'gates' | 'tasks' | 'sealed' | 'projectFolder'>;
  git: GitManager;
  config: Pick<Config, 'gates'>;
  projects: Pick<ProjectActions, 'checks'>;
}

/** A gate's run as the queue orders it. */
export type GateOrder = Pick<GateRun, 'id' | 'kind' | 'round' | 'signal'> & {
  /** What it runs on, when that is not the worktree's: a merge that no branch stands at yet, and whose words allow changes. */
  on?: { commit: string; words: Project };
};

/** Runs a persona's gate. What an agent has not committed at its claim of being done is committed first. */
export async function personaGate(
  deps: PersonaGateDeps,
  project: Project,
  persona: string,
  { on, ...run }: GateOrder,
): Promise<QualityReport> {
  const { state, git, config, progress } = deps;
  const reports = await state.gates(project.id).list();
  const call = { key: `${persona}/gate/${run.id}`, check: async () => {} };
  const speaker = on?.words ?? project;
  const sealed = await sealedRun(state, project);
  const commit =
    on?.commit ??
    (run.kind === 'finish'
      ? (await commitWork(deps, project, `${persona}: work before the gate`, call)).head
      : await git.head(project.repository, project.worktreePath));
  return runGate(deps, {
    ...run,
    project,
    persona,
    commit,
    checks:
      run.kind === 'baseline'
        ? await baselineChecks(deps.projects, project)
        : await deps.projects.checks(project, persona),
    sealed,
    baseline: reports.find((report) => report.kind === 'baseline'),
    words: permissionTexts(speaker, await state.tasks(speaker.id).get()),
    acceptKnown: config.gates.knownFailures === 'allow',
    earlier: reports.flatMap(({ seenRed }) => (seenRed === undefined ? [] : [seenRed])),
    earlierControls: reports.flatMap(({ control }) => (control === undefined ? [] : [control])),
    timeoutMs: config.gates.timeout,
    progress,
  });
}

/** The baseline tries the checks of all personas: what could never pass must be known before any of them begins. */
export async function baselineChecks(
  projects: Pick<ProjectActions, 'checks'>,
  project: Project,
): Promise<GateCheck[]> {
  const all = await Promise.all(
    project.personas.map(({ templateName }) => projects.checks(project, templateName)),
  );
  // The first of a name counts: that is the one that later gates compare with.
  const byName = new Map<string, GateCheck>();
  for (const check of all.flat()) if (!byName.has(check.name)) byName.set(check.name, check);
  return [...byName.values()];
}

/** One line for the board and the audit log. */
export function gateSummary(report: QualityReport): string {
  const passed = report.checks.filter((check) => check.passed).length;
  const objections = report.objections.length === 0 ? '' : `, ${report.objections.length} not accepted`;
  return `${report.kind} gate ${report.passed ? 'passed' : 'failed'}: ${passed} of ${report.checks.length} checks passed${objections}`;
}

/** A report as the audit log has it. @param said what people are told of it */
export function gateEvent(
  report: QualityReport,
  said: Pick<NewEvent, 'level' | 'message'> = {
    level: report.passed ? 'info' : 'warn',
    message: gateSummary(report),
  },
): NewEvent {
  return {
    projectId: report.projectId,
    type: report.passed ? 'gate.passed' : 'gate.failed',
    ...said,
    persona: report.persona,
    data: {
      report: report.id,
      kind: report.kind,
      durationMs: report.durationMs,
      checks: report.checks.map(({ name, passed, knownFailure }) => ({ name, passed, knownFailure })),
      changedDefinitions: report.changedDefinitions,
      objections: report.objections,
    },
  };
}
