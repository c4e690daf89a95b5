import type { TurnOutcome } from '../agent/turn/turn-types.ts';
import type { JobContext } from '../../workers/steps/processor.ts';
import { done, type JobResult } from '../../queues/jobs/result.ts';

/** Outcomes of a paid call that say: not now. */
export type NotNow = Exclude<TurnOutcome, { kind: 'done' | 'interrupted' }>;

/**
 * Puts down why the project waits, and parks or ends the job. No attempt is spent and no worker is held.
 *
 * - `wait`: the job itself comes back at the stated moment.
 * - `no_provider`: `waiting_for_credits`, whatever of a provider is waited for; probes run, and the first good one wakes the project.
 * - `budget`: a cap of the owner; `paused` until `df resume --budget`.
 * - `not_permitted`: a limit of the owner's on who may be asked; `paused` until `df resume`.
 * - `refused`, `ledger`: nothing goes on by itself; `paused` until `df resume`.
 */
export async function waitForMoney(
  context: JobContext,
  projectId: string,
  outcome: NotNow,
): Promise<JobResult> {
  const { services } = context;
  switch (outcome.kind) {
    case 'wait':
      await services.desk.showWaiting(projectId, outcome.for, outcome.detail, outcome.until);
      return { outcome: 'parked', until: outcome.until, detail: outcome.detail };
    case 'no_provider':
      await services.desk.waitForProvider(projectId, outcome.for, outcome.detail, outcome.until);
      await services.desk.requestProbes();
      return done(`waiting for ${outcome.for}: ${outcome.detail}`);
    case 'budget':
      await services.desk.pauseFor(projectId, 'budget', outcome.detail, outcome.until);
      break;
    case 'refused':
      await services.desk.pauseFor(projectId, 'provider', `${outcome.detail} ${REFUSED_HINT}`);
      break;
    case 'not_permitted':
    case 'ledger':
      await services.desk.pauseFor(projectId, 'owner', outcome.detail);
      break;
  }
  await services.desk.dispatchParent(projectId);
  return done(`paused: ${outcome.detail}`);
}

const REFUSED_HINT =
  'Nothing more is tried by itself: add another provider (df provider add), or let it try again with df resume.';
