import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { projectOrNull } from '../../factory/decisions/tree/tree.ts';
import { FACTORY } from '../../factory/finance/deps.ts';
import { removeWorktree } from '../../factory/lifecycle/remove-worktree.ts';
import { keepsWorktree } from '../../factory/model/disk-space.ts';
import type { FactoryEvent, PlainType } from '../../factory/model/event.ts';
import { ENDED, type Project } from '../../factory/model/project.ts';
import { REMOVED } from '../../git/worktree/remove-whole.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import { namesIn } from '../../lib/file-failure.ts';
import { formatMoment } from '../../lib/moment.ts';
import { memoryNow } from '../../lib/process/machine.ts';
import { removeTree } from '../../lib/remove-tree.ts';
import { removeLeftFolders } from '../../lib/temporary-folder.ts';
import { judgeRedis, parseInfo } from '../../queues/redis/redis-check.ts';
import type { Services } from '../../services.ts';
import { episodesOf } from '../../state/home/episodes.ts';
import { presenceOf } from '../../state/home/presence.ts';
import { removeOrphan, worktreesWithout } from '../../state/projects/clean-up.ts';
import { PROJECT_ID } from '../../state/projects/project-list.ts';
import { isSilent, signsOfWork } from '../../state/projects/signs.ts';
import { watchNight } from './night.ts';

/** A sweep comes with every so many looks for lost work. */
export const SELDOM = 6;
/**
 * Milliseconds since anything came into a worktree or went out of it, before it counts as forgotten: its owner may just be
 * having a gate run on a project that has ended.
 */
export const FORGOTTEN = 60 * 60_000;

/** Milliseconds before a worktree is tried again with work in it that could not be saved: git may be at it for long. `df clean` tries at once. */
const UNSAVED = 24 * 60 * 60_000;

/** What is left of projects, and where what is done about it is told. */
type Left = Pick<Services, 'home' | 'state' | 'git' | 'workspace' | 'clock' | 'config' | 'record'>;
/** Start of the names of episodes. */
const SILENT = 'silent-';
/** An event is written down within this time, in milliseconds. */
const TELLING_MS = 60_000;

type Lasting = Pick<Services, 'home' | 'clock' | 'record'>;

/**
 * Looks for what dead processes left and for what the machine lacks, fixes it or says so: one event each, in the log of the
 * project or of the factory. A part that fails hinders no other one.
 */
export async function sweep(
  services: Left & Pick<Services, 'log' | 'finance' | 'redis' | 'projects' | 'rehearsals'>,
): Promise<void> {
  const { config, log } = services;
  const everyMs = SELDOM * config.workers.reconcileInterval;
  if (!(await episodesOf(services).isDue('sweep', everyMs))) return;
  const parts = {
    ...{ sweepWorktrees, sweepScratch, sweepSandboxes, sweepTemporary, sweepRehearsals, sweepReservations },
    ...{ watchRedis, watchMemory, watchSilence },
    watchNight: (each: typeof services) => watchNight(each, everyMs),
  };
  for (const [part, run] of Object.entries(parts)) {
    await run(services).catch((error: unknown) => log.warn({ part, err: error }, 'a sweep failed'));
  }
}

function tell(
  { record }: Pick<Services, 'record'>,
  type: PlainType,
  level: FactoryEvent['level'],
  message: string,
  projectId = FACTORY,
): Promise<void> {
  return record({ projectId, type, level, message });
}

async function openIds({ state }: Pick<Services, 'state'>): Promise<Set<string>> {
  return new Set((await state.listOpenProjects()).map(({ id }) => id));
}

/** Worktrees of projects that have ended and were tidied up, or are gone. */
export async function sweepWorktrees(services: Left, forgotten = FORGOTTEN): Promise<void> {
  const { home, config, clock } = services;
  const open = await openIds(services);
  for (const name of await namesIn(home.worktrees))
    if (name.endsWith(REMOVED)) await removeTree(join(home.worktrees, name));
  for (const folder of await worktreesWithout(home, (id) => open.has(id))) {
    const found = await stat(folder).catch(() => null);
    if (found === null || clock.now().getTime() - found.mtimeMs < forgotten) continue;
    const scratch = await services.workspace.scratchFolders();
    if (scratch.some(({ projectId, inUse }) => inUse && projectId === basename(folder))) continue;
    const project = await projectOrNull(services.state, basename(folder));
    if (project !== null && (!project.settled || keepsWorktree(config.worktree.keep, project))) continue;
    await removeForgotten(services, folder, project);
  }
}

async function removeForgotten(services: Left, folder: string, project: Project | null): Promise<void> {
  const episodes = episodesOf(services);
  const episode = `worktree-${basename(folder)}`;
  const unsaved = await episodes.markedAt(episode);
  // After the clock was set back as well.
  if (unsaved !== null && Math.abs(services.clock.now().getTime() - unsaved.getTime()) < UNSAVED) return;
  try {
    if (project === null) await removeOrphan(services, folder);
    else await removeWorktree(services, { ...project, worktreePath: folder });
    await episodes.end(episode);
    const why = project === null ? 'its project is gone' : 'its project has ended';
    await tell(
      services,
      'worktree.orphan_removed',
      'warn',
      `The worktree ${folder} was left behind and is removed: ${why}. Its branch stays.`,
      project?.id,
    );
  } catch (error) {
    if (!(error instanceof DarkFactoryError)) throw error;
    if (error.code === 'worktree_unsaved') await episodes.mark(episode);
    if (!(await episodes.begin(episode))) return;
    const message = `A worktree that was left behind cannot be removed: ${error.message}. ${error.hint}`;
    await tell(services, 'worktree.orphan_kept', 'warn', message, project?.id);
  }
}

/** Scratch trees of dead workers, and what stands below the folder of a project that has ended or is gone. */
export async function sweepScratch(services: Pick<Left, 'state' | 'workspace' | 'record'>): Promise<void> {
  const { workspace } = services;
  const open = await openIds(services);
  for (const { projectId: id } of await workspace.scratchFolders()) {
    if (!PROJECT_ID.test(id)) continue;
    const project = open.has(id) ? undefined : await projectOrNull(services.state, id);
    const over = project === null || (project !== undefined && ENDED.has(project.status));
    const removed = await workspace.sweepScratchTrees(id, over);
    if (removed === 0) continue;
    const message = `${removed} scratch trees of workers that are gone were removed.`;
    await tell(services, 'scratch.orphans_removed', 'info', message, project === null ? FACTORY : id);
  }
}

export async function sweepSandboxes(services: Pick<Left, 'home' | 'record'>): Promise<void> {
  const { endOrphans } = await import('../../sandbox/run/orphans.ts');
  const ended = await endOrphans(services.home.root);
  if (ended.length === 0) return;
  const message = `Processes of commands whose worker is gone were ended: ${ended.join(', ')}.`;
  await tell(services, 'sandbox.orphans_ended', 'warn', message);
}

/** Folders in which processes that are gone merged, tried or ran something. */
export async function sweepTemporary(services: Pick<Services, 'record'>): Promise<void> {
  const removed = removeLeftFolders();
  if (removed.length === 0) return;
  const message = `Temporary folders of processes that are gone were removed: ${removed.join(', ')}.`;
  await tell(services, 'temporary.orphans_removed', 'info', message);
}

/** What rehearsals of processes that are gone left. */
async function sweepRehearsals(services: Pick<Services, 'rehearsals' | 'record'>): Promise<void> {
  const removed = await services.rehearsals.sweep();
  if (removed.length === 0) return;
  const message = `Rehearsals of processes that are gone were taken away: ${removed.join(', ')}.`;
  await tell(services, 'rehearsal.orphans_removed', 'info', message);
}

export async function sweepReservations(
  services: Pick<Services, 'state' | 'finance' | 'record'>,
): Promise<void> {
  const finance = await services.finance();
  for (const expired of await finance.expiredReservations()) {
    const { projectId, providerId, usd } = expired;
    const isProbe = projectId === FACTORY;
    // It has no journal out of which anybody would book it, and Redis forgets.
    if (isProbe) await finance.bookLost(FACTORY, await lostProbe(services, expired));
    const known = isProbe || (await projectOrNull(services.state, projectId)) === null ? FACTORY : projectId;
    const counts = isProbe ? 'are booked as possible.' : 'count as spent until its step is taken up.';
    const message =
      `A request to ${providerId} never came to an end, for its worker is gone. The ${usd.toFixed(6)} USD set aside ` +
      `for it ${counts}`;
    await tell(services, 'reservation.expired', 'warn', message, known);
  }
}

async function lostProbe(
  { state }: Pick<Services, 'state'>,
  { reservationId, providerId, usd }: { reservationId: string; providerId: string; usd: number },
) {
  const { providers } = await state.providers().get();
  const model = providers.find(({ id }) => id === providerId)?.model ?? 'unknown';
  return {
    ...{ requestId: reservationId, provider: providerId, model },
    ...{ operation: 'noop_probe' as const, reserved: usd },
  };
}

export async function watchRedis(services: Lasting & Pick<Services, 'redis'>): Promise<void> {
  const info = parseInfo(await (await services.redis()).info());
  const { memory, usedMemory, maxMemory } = judgeRedis(info, null);
  const share = Math.round((usedMemory / maxMemory) * 100);
  await lasting(services, 'redis', memory !== 'ok', {
    begins: `Redis is ${memory}: ${share} % of its maxmemory are in use. When it is full no job can be queued. Raise maxmemory, or free some.`,
    ends: 'Redis has memory again.',
  });
}

export async function watchMemory(services: Lasting & Pick<Services, 'config'>): Promise<void> {
  const { available, total } = await memoryNow();
  const used = 1 - available / total;
  await lasting(services, 'memory', used > services.config.limits.memory, {
    begins: `${Math.round(used * 100)} % of the machine's memory are in use: fewer gates run at once (limits.memory).`,
    ends: 'The machine has memory again; as many gates run at once as before.',
  });
}

/** Projects that are at work by their state, and give no sign of it: told once, until they have given one. */
export async function watchSilence(services: Lasting & Pick<Services, 'state'>): Promise<void> {
  const { state, clock } = services;
  const episodes = episodesOf(services);
  const signs = await signsOfWork(state, await state.listOpenProjects(), clock.now());
  const lasting = new Set(await episodes.lasting(SILENT));
  // Nobody works while the machine sleeps or no worker lives.
  const awake = (await presenceOf(services).absences()).at(-1)?.to.getTime() ?? 0;
  for (const { project, since: last } of signs) {
    const sign = { project, since: new Date(Math.max(last.getTime(), awake)) };
    const { since } = sign;
    const name = `${SILENT}${project.id}`;
    const told = lasting.delete(name) ? await episodes.since(name) : null;
    // The event itself is no sign of work.
    if (told !== null && since.getTime() - told.getTime() > TELLING_MS) await episodes.end(name);
    if (!isSilent(sign, clock.now()) || !(await episodes.begin(name))) continue;
    const message = `There has been no sign of work since ${formatMoment(since)}, and nothing is waited for. df health says more.`;
    await tell(services, 'project.stalled', 'warn', message, project.id);
  }
  // They wait for something now, or have ended.
  for (const name of lasting) await episodes.end(name);
}

/** One event when something begins, one when it is over. */
async function lasting(
  services: Lasting,
  name: 'redis' | 'memory',
  lasts: boolean,
  { begins, ends }: { begins: string; ends: string },
): Promise<void> {
  const episodes = episodesOf(services);
  if (lasts && (await episodes.begin(name))) await tell(services, `${name}.low`, 'warn', begins);
  if (!lasts && (await episodes.end(name))) await tell(services, `${name}.enough`, 'info', ends);
}
