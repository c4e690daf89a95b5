import { doneWith, type JobResult, skipped } from '../../../queues/jobs/result.ts';
import { ENDED, type Project } from '../../model/project.ts';
import type { StateStore, WorkDeps } from '../../ports.ts';
import { gateEvent, gateSummary, type PersonaGateDeps, personaGate } from './persona-gate.ts';

export interface ManualGateDeps extends PersonaGateDeps, Pick<WorkDeps, 'record'> {
  state: PersonaGateDeps['state'] & Pick<StateStore, 'project'>;
  /** Cut when the worker goes down. */
  signal: AbortSignal;
  /** What becomes of the worktree of a project that has ended, where it was made for this gate. */
  putAway(project: Project): Promise<void>;
}

/** A gate because somebody asked, at whatever moment of a project's life. */
export async function manualGate(
  deps: ManualGateDeps,
  { projectId, persona, reportId }: { projectId: string; persona: string; reportId: string },
): Promise<JobResult> {
  const { state, git, signal } = deps;
  const project = await state.project(projectId).get();
  const { repository, worktreePath, workBranch, baseCommit } = project;
  if ((await state.gates(projectId).list()).some((report) => report.id === reportId))
    return skipped('already run');
  const there = await git.validateWorktree(repository, worktreePath);
  if (!there)
    await git.createWorktree({ repository, worktree: worktreePath, branch: workBranch, commit: baseCommit });
  const report = await personaGate(deps, project, persona, {
    id: reportId,
    kind: 'manual',
    round: 0,
    signal,
  });
  if (signal.aborted) return { outcome: 'interrupted', detail: 'the worker is going down' };
  await state.gates(projectId).save(report);
  await deps.record(gateEvent(report));
  if (!there && ENDED.has(project.status)) await deps.putAway(project);
  return doneWith(report.passed, gateSummary(report));
}
