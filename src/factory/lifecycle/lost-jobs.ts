import { catalogue, type NextJob } from '../../queues/jobs/catalogue.ts';
import type { NewEvent } from '../model/event.ts';
import type { JobQueue } from '../ports.ts';
import type { Snapshot } from './next-jobs.ts';

/**
 * Jobs of a project that should have been in a queue for a while and are in none: Redis forgot them, or a process died between
 * saving and asking. Whoever does work asks for what follows before its own job is over, so that in quiet times nothing is found.
 *
 * @param patience milliseconds for which a job must have been due: for shorter, somebody may just be about to ask for it
 */
export async function lostJobs(
  queue: Pick<JobQueue, 'missing'>,
  jobs: readonly NextJob[],
  snapshot: Snapshot,
  { now, patience }: { now: Date; patience: number },
): Promise<NextJob[]> {
  // A dead worker's step gets a job of a new name: that it was not there is no loss.
  if (snapshot.abandonedEpoch !== undefined) return [];
  const due = jobs.filter((job) => now.getTime() - (dueSince(job, snapshot) ?? now).getTime() > patience);
  return due.length === 0 ? [] : queue.missing(...due);
}

/** @returns `null` where the project's own state does not tell */
function dueSince(
  { queue, payload }: NextJob,
  { project, agents, sealer, auditInterval }: Snapshot,
): Date | null {
  // That comes with news of a branch.
  if (queue === 'projects' && payload.action === 'weigh') return null;
  const signs = [project.updatedAt, project.lastAudit?.at, sealer?.lastActivityAt];
  const all = [...signs, ...agents.map(({ lastActivityAt }) => lastActivityAt)];
  const last = newest(all.filter((each) => each !== undefined));
  if (queue !== 'audits' || payload.kind !== 'periodic') return last;
  const before = project.lastAudit?.at ?? project.startTime;
  return before === undefined ? null : newest([last, new Date(before.getTime() + auditInterval)]);
}

function newest(dates: readonly Date[]): Date {
  return new Date(Math.max(...dates.map((date) => date.getTime())));
}

/** What is told of a job that was lost and is queued again. */
export function lostJobEvent(job: NextJob, projectId: string): NewEvent {
  const { name } = catalogue[job.queue].job(job.payload);
  return {
    projectId,
    type: 'job.requeued',
    level: 'warn',
    message: `The job “${name}” (${job.queue}) was in no queue though it was due; it is queued again.`,
    data: { queue: job.queue, job: job.deduplicationId },
  };
}
