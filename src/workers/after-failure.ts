import * as z from 'zod';
import { runningFigures } from '../factory/lifecycle/running-figures.ts';
import { end, endEvent } from '../factory/model/lifecycle.ts';
import { branchLivesOn, ENDED } from '../factory/model/project.ts';
import { expecting } from '../lib/errno.ts';
import { DarkFactoryError, isFailure } from '../lib/failure.ts';
import type { Services } from '../services.ts';
import type { Remedy } from './recovery.ts';

const ofProject = z.object({ projectId: z.uuid(), action: z.string().optional() });

/** What the end of a project is written down with. */
type Ending = Pick<Services, 'state' | 'clock' | 'projectService' | 'record'>;

/**
 * Carries out what the recovery table decided for a project, so that no failed job leaves one stuck without a word.
 * Whatever goes wrong here is logged: the job's own failure is the one that counts.
 */
export async function afterFailure(
  services: Ending & Pick<Services, 'git' | 'log'>,
  payload: unknown,
  error: unknown,
  remedy: Remedy,
): Promise<void> {
  const parsed = ofProject.safeParse(payload);
  if (!parsed.success) return;
  const { projectId, action } = parsed.data;
  const what = (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
  const reason = error instanceof DarkFactoryError ? `${what}. ${error.hint}` : what;
  try {
    if (action === 'stop' && REMEDIES_OF_WORK.has(remedy.act) && (await hasEnded(services, projectId)))
      return await leaveUntidied(services, projectId, reason);
    if (remedy.act === 'pause_project') await services.projectService.pauseFor(projectId, 'owner', reason);
    if (remedy.act === 'wait') await waitForDisk(services, projectId, reason, remedy.most);
    if (remedy.act === 'prepare_again') await prepareAgain(services, projectId, reason);
    if (remedy.act !== 'fail_project') return;
    if (action === 'stop') await leaveUntidied(services, projectId, reason);
    else await fail(services, projectId, reason);
  } catch (problem) {
    services.log.error({ projectId, err: problem }, 'the failure could not be put down');
  }
}

/** They let a project go on: one that has ended would be tried again for ever, for nobody resumes it and nothing is made again for it. */
const REMEDIES_OF_WORK: ReadonlySet<Remedy['act']> = new Set(['pause_project', 'prepare_again']);

async function hasEnded({ state }: Pick<Services, 'state'>, projectId: string): Promise<boolean> {
  return ENDED.has((await state.project(projectId).get()).status);
}

/** A disk that hangs is waited for; where all is there, it is the work that git is not done with. */
async function waitForDisk(
  services: Ending & Pick<Services, 'git'>,
  projectId: string,
  reason: string,
  most: number | undefined,
): Promise<void> {
  const { projectService } = services;
  const waits = await projectService.waitForDisk(projectId, reason, most !== undefined);
  if (most === undefined || waits < most || !(await isWhole(services, projectId, false))) return;
  const why = `${reason} It was tried ${waits} times in a row. df resume tries it again.`;
  await projectService.pauseFor(projectId, 'owner', why);
}

/** Worktree and branch are made again with the next job; where they are as they should be, that would change nothing. */
async function prepareAgain(
  services: Ending & Pick<Services, 'git'>,
  projectId: string,
  reason: string,
): Promise<void> {
  const { state, projectService, record } = services;
  // Where it cannot be looked at, the repository itself is what is wrong.
  if (await isWhole(services, projectId, true)) return projectService.pauseFor(projectId, 'owner', reason);
  await state
    .project(projectId)
    .update((current) => (ENDED.has(current.status) ? current : { ...current, prepared: false }));
  await record({ projectId, type: 'worktree.lost', level: 'warn', message: reason });
  await projectService.dispatch(projectId);
}

async function isWhole(
  { git, state }: Pick<Services, 'git' | 'state'>,
  projectId: string,
  unseen: boolean,
): Promise<boolean> {
  const { repository, worktreePath } = await state.project(projectId).get();
  return git.validateWorktree(repository, worktreePath).catch(expecting(isFailure, unseen));
}

/** Ends the project. That it has is told once, when what it leaves is tidied up, or cannot be. */
async function fail(
  { state, clock, projectService }: Ending,
  projectId: string,
  reason: string,
): Promise<void> {
  await state.project(projectId).update((current) => {
    const more = branchLivesOn(current) ?? 'df retry lets the project live on.';
    const why = `The factory could not go on: ${reason} Its branch keeps what was committed. ${more}`;
    return end(current, clock.now(), 'failed', why);
  });
  await projectService.dispatch(projectId);
}

/** A project whose end cannot be tidied up has ended all the same: its worktree stays as it is, for its owner. */
export async function leaveUntidied(
  { state, clock, projectService, record }: Ending,
  projectId: string,
  reason: string,
): Promise<void> {
  const now = clock.now();
  const before = await state.project(projectId).get();
  // What cannot be read may be what is wrong; what was written of it last stands.
  const figures = await runningFigures(state, before).catch(expecting(isFailure, {}));
  const left = `What it left could not be tidied up: ${reason} Its worktree ${before.worktreePath} stays; df clean tries again.`;
  const ended = await state.project(projectId).update((current) => {
    const over = end(current, now, 'failed', 'The factory could not end it in order.');
    const statusReason = `${(over.statusReason ?? '').trim()} ${left}`.trim();
    return { ...over, ...figures, statusReason, settled: true, updatedAt: now };
  });
  const type = endEvent(ended);
  await record({ projectId, type, level: 'error', message: ended.statusReason ?? left });
  await projectService.dispatchParent(projectId);
}
