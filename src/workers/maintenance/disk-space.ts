import { FACTORY } from '../../factory/finance/deps.ts';
import { bytesToKeep, lacksDiskSpace } from '../../factory/model/disk-space.ts';
import type { Project } from '../../factory/model/project.ts';
import { spaceOf } from '../../lib/process/machine.ts';
import type { Payload, QueueName } from '../../queues/jobs/catalogue.ts';
import type { JobResult } from '../../queues/jobs/result.ts';
import type { Services } from '../../services.ts';
import { episodesOf } from '../../state/home/episodes.ts';
import { cleanUp } from '../../state/projects/clean-up.ts';
import type { Processor } from '../steps/processor.ts';

/** As an episode: told once, however many projects wait. */
const DISK = 'disk';
/** Between two attempts to free some. */
const CLEAN_INTERVAL_MS = 10 * 60_000;
const MIB = 1024 * 1024;

type Told = Pick<Services, 'home' | 'clock' | 'record' | 'projectService'>;
type Cleaning = Pick<
  Services,
  'home' | 'state' | 'git' | 'workspace' | 'clock' | 'config' | 'record' | 'log'
>;

/**
 * Lets work begin only while there is room where it writes; else its project says that it waits for the disk, and the job is
 * parked: it spends no attempt, holds no worker, and looks again by itself. What runs already is not touched.
 *
 * @param begins whether the job begins something; an end is never held up, for it makes room
 */
export function whenDiskSpace<Name extends QueueName>(
  begins: (payload: Payload<Name>) => boolean,
  processor: Processor<Name>,
): Processor<Name> {
  return async (payload, context) => {
    if (!('projectId' in payload) || !begins(payload)) return processor(payload, context);
    const { services } = context;
    const project = await services.state.project(payload.projectId).get();
    const problem = await shortage(services, project);
    if (problem !== null) return waitForDiskSpace(services, project, problem);
    if (project.waiting?.for === DISK) await goOn(services, project);
    return processor(payload, context);
  };
}

/** @returns what is short, for people, or `null` */
async function shortage(
  { home, config }: Pick<Services, 'home' | 'config'>,
  { repository }: Project,
): Promise<string | null> {
  const limit = config.limits.diskFree;
  for (const folder of [home.data, repository]) {
    const space = await spaceOf(folder);
    if (space === null || !lacksDiskSpace(space, limit)) continue;
    const wanted = Math.ceil(bytesToKeep(limit, space.size) / MIB);
    return `${Math.floor(space.free / MIB)} MiB are free where ${folder} lies, and ${wanted} are to stay free (limits.diskFree)`;
  }
  return null;
}

async function waitForDiskSpace(
  services: Told & Cleaning,
  project: Project,
  problem: string,
): Promise<JobResult> {
  const { clock, projectService, config, record } = services;
  const episodes = episodesOf(services);
  if (await episodes.begin(DISK)) {
    await record({
      projectId: FACTORY,
      type: 'disk.low',
      level: 'warn',
      message: `New steps wait: ${problem}.`,
    });
  }
  await freeDiskSpace(services);
  const detail = `${problem}. It goes on by itself when there is room; df clean makes some.`;
  if (project.waiting?.for !== DISK) await projectService.showWaiting(project.id, DISK, detail);
  const until = new Date(clock.now().getTime() + config.workers.reconcileInterval);
  return { outcome: 'parked', until, detail: problem };
}

/** What ended projects left goes, as far as nobody said that it stays. */
async function freeDiskSpace(services: Cleaning): Promise<void> {
  const { clock, config, record, log } = services;
  try {
    if (!(await episodesOf(services).isDue('clean-up', CLEAN_INTERVAL_MS))) return;
    const before = new Date(clock.now().getTime() - config.limits.cleanAfter);
    const order = { dryRun: false, worktreesOnly: false, before, keptBefore: before };
    const { worktrees, scratch, packages, files, bytes } = await cleanUp(services, order);
    const message =
      `Room was made: ${worktrees.length} worktrees, ${scratch.length} folders with scratch trees, ` +
      `${packages.entries} sets of packages, ${files.length} outputs and logs (${Math.round((bytes + packages.bytes) / MIB)} MiB).`;
    await record({ projectId: FACTORY, type: 'disk.cleaned', level: 'info', message });
  } catch (error) {
    // Without room even this may fail; the projects wait all the same.
    log.warn({ err: error }, 'no room could be made');
  }
}

async function goOn(services: Told, { id }: Project): Promise<void> {
  await services.projectService.goOn(id);
  if (!(await episodesOf(services).end(DISK))) return;
  await services.record({
    projectId: FACTORY,
    type: 'disk.enough',
    level: 'info',
    message: 'There is room again; steps go on.',
  });
}
