/** Jobs that are put back into their queue. No attempt is spent. */
import { DelayedError, type Job, UnrecoverableError, WaitingError } from 'bullmq';
import { readVersion } from '../lib/version.ts';
import type { Services } from '../services.ts';
import { logFields } from './log-fields.ts';
import { NOBODYS_MS, PUT_BACK_MS } from './newer-jobs.ts';

export async function backToQueue(job: Job, token: string | undefined): Promise<never> {
  await job.moveToWait(token);
  throw new WaitingError();
}

export async function park(job: Job, token: string | undefined, until: number): Promise<never> {
  await job.moveToDelayed(until, token);
  throw new DelayedError();
}

/**
 * It may be a newer program's: its workers take it, and nothing happens to its project meanwhile. Spends no attempt.
 */
export async function putBack(
  services: Pick<Services, 'clock' | 'log' | 'queues'>,
  job: Job,
  token: string | undefined,
  problem: string,
): Promise<never> {
  const now = services.clock.now().getTime();
  const said = { ...logFields(job.data), queue: job.queueName, job: job.id, problem, version: readVersion() };
  if (now - job.timestamp > NOBODYS_MS) {
    services.log.error(said, 'a job that no worker understands was dropped');
    throw new UnrecoverableError(`No worker understands this job (${problem}).`);
  }
  services.log.warn(
    said,
    'this worker does not understand a job and leaves it to one of a newer version; upgrade this program',
  );
  await (await services.queues()).notUnderstood(`${job.queueName}/${job.id}`, services.clock.now());
  return park(job, token, now + PUT_BACK_MS);
}
