import { DarkFactoryError } from '../../../lib/failure.ts';
import { done, type JobResult, skipped } from '../../../queues/jobs/result.ts';
import type { Config } from '../../config/config.ts';
import { gateEvent, type PersonaGateDeps, personaGate } from '../../gates/run/persona-gate.ts';
import type { QualityReport } from '../../model/gates/gate-report.ts';
import { exploresDecision, type Project } from '../../model/project.ts';
import type { StateStore, WorkDeps, Workspace } from '../../ports.ts';
import { decisionFiles } from './decision-files.ts';
import { mergeFork } from './merge-fork.ts';

export interface MergeJobDeps extends PersonaGateDeps, WorkDeps {
  state: StateStore;
  config: Pick<Config, 'gates' | 'decisions'>;
  projects: WorkDeps['projects'];
  workspace: Pick<Workspace, 'prepareWorktree'>;
  newId(): string;
}

/** After which a merge that was overtaken by a change of the parent is tried again. */
const AGAIN_MS = 1_000;

/** Merges the chosen branch of a fork, with the parent's gate on the result; see `mergeFork`. */
export async function mergeJob(deps: MergeJobDeps, projectId: string): Promise<JobResult> {
  const { state, now } = deps;
  const project = await state.project(projectId).get();
  if (!exploresDecision(project)) return skipped(`the project is ${project.status}`);
  const merged = await deps.whileActive(project, async (signal) => {
    await restoreWorktree(deps, project, signal);
    const gate = (order: MergeGate) => gateOnce(deps, project, order, signal);
    return mergeFork({ ...deps, gate, files: (parent, fork) => decisionFiles(deps, parent, fork) }, project);
  });
  if (merged.stopped) return merged.result;
  await state.project(projectId).update((current) => ({
    ...current,
    activeMs: current.activeMs + merged.ms,
    updatedAt: now(),
  }));
  const { value } = merged;
  if (value.kind === 'not_due') return skipped('there is nothing to merge any more');
  if (value.kind === 'again')
    return { outcome: 'parked', until: new Date(now().getTime() + AGAIN_MS), detail: value.detail };
  await deps.projects.dispatch(projectId);
  return done(value.detail);
}

/** The parent's worktree rests while its branches work; one that was lost meanwhile is made again from its branch. */
async function restoreWorktree(
  { git, workspace }: MergeJobDeps,
  project: Project,
  signal: AbortSignal,
): Promise<void> {
  const { repository, worktreePath, workBranch, baseCommit } = project;
  if (await git.validateWorktree(repository, worktreePath)) return;
  await git.createWorktree({ repository, worktree: worktreePath, branch: workBranch, commit: baseCommit });
  const problem = await workspace.prepareWorktree(project, signal);
  if (problem !== null)
    throw new DarkFactoryError('environment', 'setup_failed', problem, 'Fix it and go on with df resume.');
}

type MergeGate = { id: string; commit: string; child: Project };

async function gateOnce(
  deps: MergeJobDeps,
  project: Project,
  { id, commit, child }: MergeGate,
  signal: AbortSignal,
): Promise<QualityReport | null> {
  const reports = deps.state.gates(project.id);
  const earlier = (await reports.list()).find((report) => report.id === id);
  if (earlier !== undefined) return earlier;
  const [{ persona } = { persona: '' }] = project.forks.filter(({ endedAt }) => endedAt === undefined);
  const on = { commit, words: child };
  const report = await personaGate(deps, project, persona, { id, kind: 'merge', round: 0, signal, on });
  if (signal.aborted) return null;
  await reports.save(report);
  await deps.record(gateEvent(report));
  return report;
}
