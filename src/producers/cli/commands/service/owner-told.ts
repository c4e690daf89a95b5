import { FACTORY } from '../../../../factory/finance/deps.ts';
import { ENDED } from '../../../../factory/model/project.ts';
import { expecting } from '../../../../lib/errno.ts';
import { isFailure } from '../../../../lib/failure.ts';
import type { Services } from '../../../../services.ts';
import type { StuckWorker } from '../machine/worker-processes.ts';
import { plural } from '../../render/output.ts';

/** How long the owner's chats may keep a process that is ending, in milliseconds. */
const TELLING_MS = 10_000;

/**
 * The terminal of `df up` was closed, which ends its workers. Nobody is there to read that: it goes to the log, and to the owner
 * where work is left undone.
 */
export async function tellHungUp(
  services: Pick<Services, 'state' | 'log' | 'record' | 'notifications'>,
): Promise<void> {
  const { state, log, record } = services;
  log.warn({}, 'the terminal of df up was closed: its workers have ended');
  const projects = await state.listOpenProjects();
  const open = projects.filter(({ status }) => !ENDED.has(status) && status !== 'paused').length;
  if (open === 0) return;
  const message = `The terminal of df up was closed, so its workers ended; ${plural(open, 'project is', 'projects are')} not done. They go on with: df up --detach`;
  await record({ projectId: FACTORY, type: 'up.hung_up', level: 'warn', message });
  await tellNow(services);
}

/**
 * Workers of `df up` cannot begin in the place of those that died. With the last one nobody works, and no worker is there to tell it.
 */
export async function tellStuck(
  services: Pick<Services, 'record' | 'notifications'>,
  { exitCode, others }: StuckWorker,
): Promise<void> {
  const why = `(exit code ${exitCode}: df doctor says what is wrong). It is tried again every half a minute at least, and goes on by itself once that is mended`;
  const message =
    others === 0
      ? `No worker of df up can begin ${why}.`
      : `A worker of df up died, and none can begin in its place ${why}; ${plural(others, 'other one works', 'others work')}.`;
  const level = others === 0 ? 'warn' : 'info';
  await services.record({ projectId: FACTORY, type: 'up.stuck', level, message });
  if (others === 0) await tellNow(services);
}

async function tellNow(services: Pick<Services, 'notifications'>): Promise<void> {
  const notifications = await services.notifications();
  // Whatever cannot be told now is told by the next worker.
  await notifications.tellNow(AbortSignal.timeout(TELLING_MS)).catch(expecting(isFailure, undefined));
}
