import type { PaidOutcome } from '../factory/ports.ts';
import { done, type JobContext, type JobResult } from './processor.ts';

/** Outcomes of a paid call that say: not now. */
export type NotNow = Extract<PaidOutcome, { kind: 'wait' | 'no_credits' | 'budget' | 'not_permitted' }>;

/**
 * Puts down why the project waits, and parks or ends the job. No attempt is spent and no worker is held.
 *
 * - `wait`: the job itself comes back at the stated moment.
 * - `no_credits`: `waiting_for_credits`; probes run, and the first good one wakes the project.
 * - `budget`: a cap of the owner; `paused` until `df resume --budget`.
 * - `not_permitted`: a limit of the owner's on who may be asked; `paused` until `df resume`.
 */
export async function waitForMoney(
  context: JobContext,
  projectId: string,
  outcome: NotNow,
): Promise<JobResult> {
  const { services } = context;
  if (outcome.kind === 'wait') {
    await services.desk.showWaiting(projectId, outcome.for, outcome.detail, outcome.until);
    return { outcome: 'parked', until: outcome.until, detail: outcome.detail };
  }
  if (outcome.kind === 'budget' || outcome.kind === 'not_permitted') {
    const until = outcome.kind === 'budget' ? outcome.until : undefined;
    const cause = outcome.kind === 'budget' ? 'budget' : 'owner';
    await services.desk.pauseFor(projectId, cause, outcome.detail, until);
    await services.desk.dispatchParent(projectId);
    return done(`paused: ${outcome.detail}`);
  }
  await services.desk.waitForCredits(projectId, outcome.detail, outcome.until);
  await services.desk.requestProbes();
  return done(`waiting for credits: ${outcome.detail}`);
}
