import { done, type JobResult, skipped } from '../../queues/jobs/result.ts';
import { type PutAwayDeps, putAway } from '../lifecycle/put-away.ts';
import { journalsOf } from '../model/agents.ts';
import { openFork } from '../model/fork.ts';
import { exploresDecision, type Project } from '../model/project.ts';
import { hasPlace } from '../model/turn.ts';
import type { StateStore, WorkDeps, Workspace } from '../ports.ts';

export interface RestDeps extends PutAwayDeps, Pick<WorkDeps, 'now' | 'projects'> {
  state: PutAwayDeps['state'] & Pick<StateStore, 'project'>;
  workspace: PutAwayDeps['workspace'] & Pick<Workspace, 'removeScratchTrees'>;
  /** What is known of the holder of the lease at the end of a journal; `null`: nobody has one. */
  leaseHolder(projectId: string, journal: string): Promise<'alive' | 'dead' | 'foreign' | null>;
}

/** Between two looks whether what was under way at the pause is over. Milliseconds. */
const NOTICE_MS = 1_500;

/** It has a place and does nothing with it before somebody acts. */
export function mayRest(project: Project): boolean {
  const { status, waiting, parentProjectId, keepsPlace } = project;
  if (status !== 'paused' || parentProjectId !== undefined || keepsPlace === true) return false;
  if (exploresDecision(project) || openFork(project) !== undefined) return false;
  // That a cap over all projects is reached holds up the others as well; that a provider fails at this one's work, or a cap is too small
  // for it, does not.
  if (waiting?.until !== undefined && waiting.for !== 'provider' && !waiting.tooSmall) return false;
  return hasPlace(project);
}

/**
 * Takes the worktree of a paused project away, for another one waits for the place: what lies in it is committed to its branch first.
 * When it is resumed it takes its turn again, and its worktree is made anew.
 */
export async function restProject(deps: RestDeps, projectId: string): Promise<JobResult> {
  const { state, git, now, projects } = deps;
  const project = await state.project(projectId).get();
  if (!mayRest(project)) return skipped('it has no place to give');
  const holders = await Promise.all(journalsOf(project).map((name) => deps.leaseHolder(projectId, name)));
  if (holders.some((holder) => holder !== null && holder !== 'dead'))
    return { outcome: 'parked', until: new Date(now().getTime() + NOTICE_MS), detail: 'a step is under way' };
  const isThere = () => git.validateWorktree(project.repository, project.worktreePath);
  // One whose set-up or first gate is to be made anew counts as not prepared, and has a worktree all the same.
  if (project.prepared || (await isThere())) {
    await putAway(deps, project, { message: 'Work in progress when the project gave its place to another' });
    await deps.workspace.removeScratchTrees(projectId, project.repository);
  }
  const stays = await isThere();
  await state.project(projectId).update((current) => {
    if (!mayRest(current)) return { ...current, prepared: current.prepared && stays };
    if (stays) return { ...current, keepsPlace: true };
    const { turn: _turn, queuedAt = now(), ...rest } = current;
    return { ...rest, queuedAt, prepared: false };
  });
  if (stays) return skipped('its worktree cannot be put away');
  const message = 'It gave its place to the next project of the backlog; what it had done is on its branch.';
  await deps.record({ projectId, type: 'project.rested', level: 'info', message });
  await projects.dispatch(projectId);
  await projects.giveTurns();
  return done('it gave its place to another');
}
