import { mergeFork } from './merge-fork.ts';
import type { QualityReport } from '../../model/gate-report.ts';
import { exploresDecision, type Project } from '../../model/project.ts';
import { DarkFactoryError } from '../../../lib/failure.ts';
import { newUuid } from '../../../lib/ids.ts';
import { activeWhile, countTime } from '../../lifecycle/active-while.ts';
import { decisionFiles } from './decision-files.ts';
import { gate, recordGate } from '../../gates/run/persona-gate.ts';
import type { JobContext } from '../../../workers/steps/processor.ts';
import { done, type JobResult, skipped } from '../../../queues/jobs/result.ts';

/** Milliseconds until a merge that was overtaken by a change of the parent is tried again. */
const AGAIN = 1_000;

/** Merges the chosen branch of a fork, with the parent's gate on the result; see `mergeFork`. */
export async function mergeGate(projectId: string, context: JobContext): Promise<JobResult> {
  const { services } = context;
  const { state, git, clock, record } = services;
  const project = await state.project(projectId).get();
  if (!exploresDecision(project)) return skipped(`the project is ${project.status}`);
  const merged = await activeWhile(context, project, async (signal) => {
    await withWorktree(services, project, signal);
    return mergeFork(
      {
        state,
        git,
        record,
        newId: newUuid,
        now: () => clock.now(),
        gate: (order) => runOnce(context, project, order, signal),
        files: (parent, fork) => decisionFiles(services, parent, fork),
      },
      project,
    );
  });
  if (merged.stopped) return merged.result;
  await countTime(context, projectId, merged.ms);
  const { value } = merged;
  if (value.kind === 'not_due') return skipped('there is nothing to merge any more');
  if (value.kind === 'again')
    return { outcome: 'parked', until: new Date(clock.now().getTime() + AGAIN), detail: value.detail };
  await services.desk.dispatch(projectId);
  return done(value.detail);
}

/** The parent's worktree rests while its branches work; one that was lost meanwhile is made again from its branch. */
async function withWorktree(
  services: JobContext['services'],
  project: Project,
  signal: AbortSignal,
): Promise<void> {
  const { git } = services;
  const { repository, worktreePath, workBranch, baseCommit } = project;
  if (await git.validateWorktree(repository, worktreePath)) return;
  await git.createWorktree({ repository, worktree: worktreePath, branch: workBranch, commit: baseCommit });
  const problem = await services.workspace.prepareWorktree(project, signal);
  if (problem !== null)
    throw new DarkFactoryError('environment', 'setup_failed', problem, 'Mend it and go on with df resume.');
}

async function runOnce(
  context: JobContext,
  project: Project,
  { id, commit, child }: { id: string; commit: string; child: Project },
  signal: AbortSignal,
): Promise<QualityReport | null> {
  const reports = context.services.state.gates(project.id);
  const earlier = (await reports.list()).find((report) => report.id === id);
  if (earlier !== undefined) return earlier;
  const [{ persona } = { persona: '' }] = project.forks.filter(({ endedAt }) => endedAt === undefined);
  const on = { commit, words: child };
  const report = await gate(context, project, persona, { id, kind: 'merge', round: 0, signal, on });
  if (signal.aborted) return null;
  await reports.save(report);
  await recordGate(context, report);
  return report;
}
