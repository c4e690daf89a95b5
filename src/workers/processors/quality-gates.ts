import { saveStep } from '../../factory/agent/memory/agent-state.ts';
import type { QualityReport } from '../../factory/model/gate-report.ts';
import { chosenSetup, projectEcosystem } from '../../factory/gates/run/commands.ts';
import { findUnpassable, withNotChecked } from '../../factory/gates/run/not-checked.ts';
import { describeReport } from '../../factory/gates/run/describe.ts';
import type { JournalWriter } from '../../factory/ports.ts';
import { setupWarnings } from '../../factory/gates/run/gate-plan.ts';
import { ENDED, type Project } from '../../factory/model/project.ts';
import { keepsWorktree } from '../../factory/model/disk-space.ts';
import { isOpen, settleClaim, withTask } from '../../factory/tasks/list/rules.ts';
import { notSeenOnBase, withOnBase } from '../../factory/tasks/proof/on-base.ts';
import { definingCommands, inProofPlace, openProofPlace } from '../../factory/tasks/proof/proof-place.ts';
import { proveTask, seeOnBase } from '../../factory/tasks/proof/prove.ts';
import { SEALER } from '../../factory/model/sealer.ts';
import type { Services } from '../../services.ts';
import { activeWhile } from '../../factory/lifecycle/active-while.ts';
import { whenRoom } from '../maintenance/disk-space.ts';
import type { Payload } from '../../queues/jobs/catalogue.ts';
import { inGateSlot } from '../maintenance/gate-slots.ts';
import { baselineChecks, gate, gateSummary, recordGate } from '../../factory/gates/run/persona-gate.ts';
import { gateHands } from '../gates/hands.ts';
import { mergeGate } from '../../factory/decisions/merge/merge-job.ts';
import { atStep } from '../steps/lease.ts';
import type { JobContext, Processor } from '../steps/processor.ts';
import { done, type JobResult, skipped } from '../../queues/jobs/result.ts';
import { putAway } from '../../factory/lifecycle/put-away.ts';
import { sealGate } from '../steps/sealing.ts';

/** Runs a persona's acceptance criteria: on the base commit, at a claim of being done, or because somebody asked. */
export const processor: Processor<'quality-gates'> = whenRoom(
  () => true,
  (payload, context) => inGateSlot(context.services, () => act(payload, context)),
);

function act(payload: Payload<'quality-gates'>, context: JobContext): Promise<JobResult> {
  switch (payload.kind) {
    case 'baseline':
      return baseline(payload, context);
    case 'finish':
      return payload.persona === SEALER ? sealGate(payload, context) : finishGate(payload, context);
    case 'manual':
      return manualGate(payload, context);
    case 'merge':
      return mergeGate(payload.projectId, context);
  }
}

/** The state of affairs before the first step: what fails here is known from then on. */
async function baseline(
  { projectId, persona }: { projectId: string; persona: string },
  context: JobContext,
): Promise<JobResult> {
  const { services } = context;
  const project = await services.state.project(projectId).get();
  if (project.status !== 'active' || project.baselineGate !== undefined) return skipped('not due any more');
  const active = await activeWhile(context, project, (signal) =>
    gate(context, project, persona, { id: `baseline-${projectId}`, kind: 'baseline', round: 0, signal }),
  );
  if (active.stopped) return active.result;
  const skip = services.config.gates.missing === 'skip';
  const checks = await baselineChecks(services, project);
  const { report, notChecked, unpassable } = findUnpassable(active.value, checks, skip);
  await services.state.gates(projectId).save(report);
  await services.state.project(projectId).update((current) => ({
    ...withNotChecked(current, notChecked),
    // What is missing may be there the next time: then the set-up and this gate are made anew.
    ...(unpassable.length === 0 ? { baselineGate: report.id } : { prepared: false }),
    activeMs: current.activeMs + active.ms,
    updatedAt: services.clock.now(),
  }));
  await recordGate(context, report);
  if (unpassable.length > 0) {
    const next = 'Nothing was paid for yet. When it is mended: df resume.';
    const why = [...unpassable, ...(await forgetPackages(services, project)), next];
    await services.desk.pauseFor(projectId, 'owner', why.join(' '));
    return done(`${gateSummary(report)}; it could never pass`);
  }
  await services.desk.dispatch(projectId);
  return done(gateSummary(report));
}

/** The next set-up is made anew. @returns what kept packages from being installed, in sentences */
async function forgetPackages(services: Services, project: Project): Promise<string[]> {
  const { config, git } = services;
  const problem = await services.workspace.forgetSetup(project.id);
  if (problem !== undefined) return [problem];
  const ecosystem = await projectEcosystem(git, project);
  const network = config.sandbox.setupNetwork;
  const setup = chosenSetup(project.settings, { general: config.worktree.setup, network }, ecosystem);
  return setupWarnings(setup, network, ecosystem);
}

/** A claim of `finish`: the outcome decides whether the agent is done or goes on with the report. */
async function finishGate(
  { projectId, persona, step }: { projectId: string; persona: string; step: number },
  context: JobContext,
): Promise<JobResult> {
  const { services } = context;
  const { state } = services;
  const project = await state.project(projectId).get();
  if (project.status !== 'active') return skipped(`the project is ${project.status}`);
  return atStep(context, { projectId, persona, step }, (writer) =>
    judgeClaim(context, project, persona, writer),
  );
}

async function judgeClaim(
  context: JobContext,
  project: Project,
  persona: string,
  writer: JournalWriter,
): Promise<JobResult> {
  const { services } = context;
  const { state } = services;
  const { id: projectId } = project;
  const { step } = writer;
  const round = (await state.agent(projectId, persona).get()).gateRound + 1;
  const active = await activeWhile(context, project, async (signal) => {
    const report = await gate(context, project, persona, {
      id: `${persona}-${step}`,
      kind: 'finish',
      round,
      signal,
    });
    await proveOpenTasks(context, project, persona, report, signal);
    return report;
  });
  if (active.stopped) return active.result;
  const report = active.value;
  await writer.check();
  await state.gates(projectId).save(report);
  await settle(context, writer, report, { round, ms: active.ms });
  await recordGate(context, report);
  await services.desk.dispatch(projectId);
  return done(gateSummary(report));
}

/** Journal first, then the agent's state, which follows it. */
async function settle(
  context: JobContext,
  writer: JournalWriter,
  report: QualityReport,
  { round, ms }: { round: number; ms: number },
): Promise<void> {
  const { services } = context;
  const { projectId, persona, passed } = report;
  const cap = services.config.gates.maxRounds;
  const outcome = passed ? 'passed' : round >= cap ? 'blocked' : 'continue';
  const text = `The quality gate ${passed ? 'passed' : 'failed'} (round ${round} of at most ${cap}, commit ${report.commit.slice(0, 12)}):\n${describeReport(report)}${passed ? '' : '\nMend what failed, then call finish again.'}`;
  const reason = `Its gate failed ${round} times; the last report is ${report.id}.`;
  await writer.append(
    { type: 'note', key: `gate-${report.id}`, text },
    { type: 'step_done', outcome, ...(outcome === 'blocked' ? { reason } : {}) },
  );
  const { state, clock } = services;
  await saveStep({ state, now: () => clock.now() }, { projectId, persona }, ms);
}

/** Open tasks with criteria of their own are settled by those; the others are left to the audit. */
async function proveOpenTasks(
  context: JobContext,
  project: Project,
  persona: string,
  report: QualityReport,
  signal: AbortSignal,
): Promise<void> {
  const { services } = context;
  const hands = await gateHands(services);
  const gateChecks = await services.desk.checks(project, persona);
  const list = await services.state.tasks(project.id).get();
  const mine = list.tasks.filter(
    (task) => isOpen(task) && task.status !== 'blocked' && task.criteria.length > 0,
  );
  const commands = definingCommands(gateChecks, list.tasks);
  await inProofPlace(openProofPlace(hands, project, report.commit, commands), async (place) => {
    const run = { project, gateChecks, commandTimeoutMs: services.config.gates.timeout, place, signal };
    for (const task of mine.filter((each) => (each.assignedPersona ?? persona) === persona)) {
      const runs = await proveTask(hands, run, task);
      const passed = runs.length > 0 && runs.every((each) => each.passed);
      const onBase = passed ? await seeOnBase(hands, run, notSeenOnBase(task)) : [];
      if (signal.aborted) return;
      const evidence = runs.map(({ output: _output, ...rest }) => rest);
      await services.state
        .tasks(project.id)
        .update((current) =>
          withTask(current, task.id, (each) =>
            settleClaim(withOnBase(each, onBase), evidence, services.clock.now()),
          ),
        );
    }
  });
}

async function manualGate(
  { projectId, persona, reportId }: { projectId: string; persona: string; reportId: string },
  context: JobContext,
): Promise<JobResult> {
  const { services, signal } = context;
  const { state, git } = services;
  const project = await state.project(projectId).get();
  if ((await state.gates(projectId).list()).some((report) => report.id === reportId))
    return skipped('already run');
  const there = await git.validateWorktree(project.repository, project.worktreePath);
  if (!there) {
    await git.createWorktree({
      repository: project.repository,
      worktree: project.worktreePath,
      branch: project.workBranch,
      commit: project.baseCommit,
    });
  }
  const report = await gate(context, project, persona, { id: reportId, kind: 'manual', round: 0, signal });
  if (signal.aborted) return { outcome: 'interrupted', detail: 'the worker is going down' };
  await state.gates(projectId).save(report);
  await recordGate(context, report);
  if (!there && ENDED.has(project.status)) {
    await putAway(services, project, {
      message: 'Found in the worktree at a gate after the end',
      stays: keepsWorktree(services.config.worktree.keep, project),
    });
    await services.workspace.sweepScratchTrees(project.id, true);
  }
  return done(gateSummary(report));
}
