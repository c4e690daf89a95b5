import { type JobResult, skipped } from '../../../queues/jobs/result.ts';
import type { StepId } from '../../model/agent-id.ts';
import type { JournalWriter } from '../../ports.ts';
import { atStep, type LeaseContext, lastDone, leaseHolder } from './step-lease.ts';

/** Does the work of a round of the auditor under its lease. */
export function atRound(
  context: LeaseContext,
  at: StepId,
  work: (writer: JournalWriter) => Promise<JobResult>,
): Promise<JobResult> {
  const taken = async () => skipped(`round ${at.step} is taken`);
  return atStep(context, at, work, { lease: leaseRound, taken });
}

/**
 * Takes the lease of a round. A worker that died after it had put a round down with the project and before it had ended it in
 * the journal leaves the journal one behind: that round is ended first, or no round could ever begin again. What ends a round in
 * the journal alone, as the end of its project does, leaves it ahead: then the round that is next there is taken instead.
 *
 * @returns `null` when another worker has taken the round, or it is over
 */
export async function leaseRound(context: LeaseContext, at: StepId): Promise<JournalWriter | null> {
  const { projectId, persona, step: round } = at;
  const { state } = context.services;
  const journal = state.journal(projectId, persona);
  const me = await leaseHolder(context, at);
  const writer = await journal.lease(round, me);
  const { auditRounds } = await state.project(projectId).get();
  if (writer !== null || auditRounds !== round - 1) return writer;
  const done = lastDone(await journal.entries());
  if (done >= round) return journal.lease(done + 1, me);
  const behind = await journal.lease(round - 1, me);
  if (behind === null) return null;
  await behind.append({ type: 'step_done', outcome: 'interrupted' });
  return journal.lease(round, me);
}
