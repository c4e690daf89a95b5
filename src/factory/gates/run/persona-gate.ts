import type { GateCheck } from '../../model/gate-check.ts';
import type { QualityReport } from '../../model/gate-report.ts';
import { runGate } from './run-gate.ts';
import type { GateRun } from './types.ts';
import type { Project } from '../../model/project.ts';
import { commitWork } from '../../agent/tools/work.ts';
import type { Services } from '../../../services.ts';
import { gateHands } from '../../../workers/gates/hands.ts';
import type { JobContext } from '../../../workers/steps/processor.ts';
import { wordsIn } from '../pins/permission.ts';
import { sealedRun } from './run-sealed.ts';

/** A gate's run as the queue orders it. */
export type GateOrder = Pick<GateRun, 'id' | 'kind' | 'round' | 'signal'> & {
  /** What it runs on, when that is not the worktree's: a merge that no branch stands at yet, and whose words allow changes. */
  on?: { commit: string; words: Project };
};

/** Runs a persona's gate. What an agent has not committed at its claim of being done is committed first. */
export async function gate(
  { services, log }: JobContext,
  project: Project,
  persona: string,
  { on, ...run }: GateOrder,
): Promise<QualityReport> {
  const reports = await services.state.gates(project.id).list();
  const call = { key: `${persona}/gate/${run.id}`, check: async () => {} };
  const words = on?.words ?? project;
  const sealed = await sealedRun(services.state, project);
  const commit =
    on?.commit ??
    (run.kind === 'finish'
      ? (await commitWork(services, project, `${persona}: work before the gate`, call)).head
      : await services.git.head(project.repository, project.worktreePath));
  return runGate(await gateHands(services), {
    ...run,
    project,
    persona,
    commit,
    checks:
      run.kind === 'baseline'
        ? await baselineChecks(services, project)
        : await services.desk.checks(project, persona),
    sealed,
    baseline: reports.find((report) => report.kind === 'baseline'),
    words: wordsIn(words, await services.state.tasks(words.id).get()),
    acceptKnown: services.config.gates.knownFailures === 'allow',
    earlier: reports.flatMap(({ seenRed }) => (seenRed === undefined ? [] : [seenRed])),
    earlierControls: reports.flatMap(({ control }) => (control === undefined ? [] : [control])),
    timeoutMs: services.config.gates.timeout,
    progress: log,
  });
}

/** The baseline tries the checks of all personas: what could never pass must be known before any of them begins. */
export async function baselineChecks(
  { desk }: Pick<Services, 'desk'>,
  project: Project,
): Promise<readonly GateCheck[]> {
  const all = await Promise.all(
    project.personas.map(({ templateName }) => desk.checks(project, templateName)),
  );
  // The first of a name counts: that is the one that later gates compare with.
  return [
    ...new Map(
      all
        .flat()
        .reverse()
        .map((check) => [check.name, check]),
    ).values(),
  ].reverse();
}

/** One line for the board and the audit log. */
export function gateSummary(report: QualityReport): string {
  const passed = report.checks.filter((check) => check.passed).length;
  const objections = report.objections.length === 0 ? '' : `, ${report.objections.length} not accepted`;
  return `${report.kind} gate ${report.passed ? 'passed' : 'failed'}: ${passed} of ${report.checks.length} checks passed${objections}`;
}

/** Puts a report into the audit log. */
export function recordGate({ services }: JobContext, report: QualityReport): Promise<void> {
  return services.record({
    projectId: report.projectId,
    type: report.passed ? 'gate.passed' : 'gate.failed',
    level: report.passed ? 'info' : 'warn',
    persona: report.persona,
    message: gateSummary(report),
    data: {
      report: report.id,
      kind: report.kind,
      durationMs: report.durationMs,
      checks: report.checks.map(({ name, passed, knownFailure }) => ({ name, passed, knownFailure })),
      changedDefinitions: report.changedDefinitions,
      objections: report.objections,
    },
  });
}
