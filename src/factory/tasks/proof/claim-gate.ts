import { done, doneWith, type JobResult } from '../../../queues/jobs/result.ts';
import { saveStep } from '../../agent/memory/agent-state.ts';
import type { Config } from '../../config/config.ts';
import { describeReport } from '../../gates/run/describe.ts';
import { gateEvent, gateSummary, type PersonaGateDeps, personaGate } from '../../gates/run/persona-gate.ts';
import type { QualityReport } from '../../model/gates/gate-report.ts';
import type { Project } from '../../model/project.ts';
import type { JournalWriter, StateStore, WorkDeps } from '../../ports.ts';
import { isOpen, settleClaim, withTask } from '../list/rules.ts';
import { notSeenOnBase, withOnBase } from './on-base.ts';
import { definingCommands, inProofPlace, openProofPlace } from './proof-place.ts';
import { proveTask, seeOnBase } from './prove.ts';

export interface ClaimDeps extends PersonaGateDeps, WorkDeps {
  state: PersonaGateDeps['state'] & Pick<StateStore, 'agent' | 'journal'>;
  config: Pick<Config, 'gates'>;
  projects: WorkDeps['projects'];
}

/** An agent's claim of being done, at its leased step: the outcome decides whether it is done or goes on with the report. */
export async function claimGate(
  deps: ClaimDeps,
  project: Project,
  persona: string,
  writer: JournalWriter,
): Promise<JobResult> {
  const { state, config } = deps;
  const { step } = writer;
  const { id: projectId } = project;
  // Before the gate, which would prove what the owner's words may change.
  if (await deps.projects.hasNews(project, persona)) {
    await writer.append(
      { type: 'note', key: `news-${step}`, text: NEWS },
      { type: 'step_done', outcome: 'continue', reason: NEWS },
    );
    await saveStep(deps, { projectId, persona });
    await deps.projects.dispatch(projectId);
    return done('its owner has said something first');
  }
  const { gateRound, roundsBefore = 0 } = await state.agent(projectId, persona).get();
  const round = gateRound + 1;
  const active = await deps.whileActive(project, async (signal) => {
    const order = { id: `${persona}-${step}`, kind: 'finish' as const, round, signal };
    const report = await personaGate(deps, project, persona, order);
    await proveOpenTasks(deps, project, persona, report, signal);
    return report;
  });
  if (active.stopped) return active.result;
  const report = active.value;
  const news = report.passed && (await deps.projects.hasNews(project, persona));
  const verdict = verdictOn(
    report,
    Math.max(1, round - roundsBefore),
    project.settings.rounds ?? config.gates.maxRounds,
    news,
  );
  await writer.check();
  await state.gates(projectId).save(report);
  // Journal first, then the agent's state, which follows it.
  await writer.append(
    { type: 'note', key: `gate-${report.id}`, text: verdict.note },
    { type: 'step_done', ...verdict.step, gate: report.passed ? 'passed' : 'failed' },
  );
  await saveStep(deps, { projectId, persona }, active.ms);
  await deps.record(gateEvent(report));
  await deps.projects.dispatch(projectId);
  return doneWith(report.passed, gateSummary(report));
}

const NEWS =
  'Your owner has said something meanwhile, and you are told now. Take it into account, then call finish again.';

/**
 * What becomes of an agent after the gate on its claim.
 *
 * @param round of this attempt
 * @param cap rounds after which it gives up
 * @param news its owner has said something since
 */
function verdictOn(
  report: QualityReport,
  round: number,
  cap: number,
  news: boolean,
): { note: string; step: { outcome: 'passed' | 'continue' | 'blocked'; reason?: string } } {
  const { passed, commit } = report;
  const head = `The quality gate ${passed ? 'passed' : 'failed'} (round ${round} of at most ${cap}, commit ${commit.slice(0, 12)}):`;
  const note = `${head}\n${describeReport(report)}${passed ? '' : '\nFix what failed, then call finish again.'}`;
  if (news) return { note: `${note}\n${NEWS}`, step: { outcome: 'continue' } };
  if (passed) return { note, step: { outcome: 'passed' } };
  if (round < cap) return { note, step: { outcome: 'continue' } };
  const red = report.checks.filter((check) => check.required && !check.passed).map(({ name }) => name);
  const what = red.length === 0 ? 'its objections' : red.join(', ');
  const reason = `Its gate failed ${round === 1 ? 'once' : `${round} times`}, at last for: ${what}.`;
  return { note, step: { outcome: 'blocked', reason } };
}

/** Open tasks with criteria of their own are settled by those; the others are left to the audit. */
async function proveOpenTasks(
  deps: ClaimDeps,
  project: Project,
  persona: string,
  report: QualityReport,
  signal: AbortSignal,
): Promise<void> {
  const gateChecks = await deps.projects.checks(project, persona);
  const tasks = deps.state.tasks(project.id);
  const { tasks: all } = await tasks.get();
  const mine = all.filter(
    (task) =>
      isOpen(task) &&
      task.status !== 'blocked' &&
      task.criteria.length > 0 &&
      (task.assignedPersona ?? persona) === persona,
  );
  const commands = definingCommands(gateChecks, all);
  await inProofPlace(openProofPlace(deps, project, report.commit, commands), async (place) => {
    const run = { project, gateChecks, commandTimeoutMs: deps.config.gates.timeout, place, signal };
    for (const task of mine) {
      const runs = await proveTask(deps, run, task);
      const passed = runs.length > 0 && runs.every((each) => each.passed);
      const onBase = passed ? await seeOnBase(deps, run, notSeenOnBase(task)) : [];
      if (signal.aborted) return;
      const evidence = runs.map(({ output: _output, ...rest }) => rest);
      await tasks.update((current) =>
        withTask(current, task.id, (each) =>
          settleClaim(withOnBase(each, onBase), evidence, deps.now(), report.id),
        ),
      );
    }
  });
}
