import type { JournalRecord } from '../factory/agent/journal.ts';
import type { JournalWriter } from '../factory/ports.ts';
import { AUDITOR } from '../factory/project/dispatch.ts';
import type { Services } from '../services.ts';

/** Milliseconds between two looks at an audit that another worker holds. */
const LOOK_AGAIN = 2_000;
/** On top of the longest call or command, before a holder that gives no sign is taken for hung. */
const PATIENCE = 60_000;

/** Tells that an audit was put down (no money, going down), so that any worker may take it up at once. */
export const releaseNote = (epoch: number): JournalRecord => ({
  type: 'note',
  key: `released/${epoch}`,
  text: 'This round was put down and may be taken up.',
});

/**
 * No two audits of a project at once: a job that was delivered twice (a stalled one and its replacement) must not pay
 * for the same words twice. The fence of the journal would end the first one, but only after its call was answered.
 *
 * @returns when to look again, while a live worker holds the round; `null` when it may be taken
 */
export async function heldUntil(
  { state, config, clock, openLease }: Pick<Services, 'state' | 'config' | 'clock' | 'openLease'>,
  projectId: string,
  round: number,
): Promise<Date | null> {
  const lease = await openLease(projectId, AUDITOR);
  if (lease === null || lease.holder === 'dead') return null;
  const entries = await state.journal(projectId, AUDITOR).entries();
  const released = entries.some(
    ({ step, ...entry }) =>
      step === round && entry.type === 'note' && entry.key === `released/${lease.epoch}`,
  );
  const sign = Date.parse(entries.at(-1)?.at ?? '');
  const now = clock.now().getTime();
  const hungAt = sign + Math.max(config.agent.modelTimeout, config.gates.timeout) + PATIENCE;
  return released || Number.isNaN(sign) || now >= hungAt ? null : new Date(now + LOOK_AGAIN);
}

/**
 * Takes the lease of a round. A worker that died after it had put a round down with the project and before it had ended it in
 * the journal leaves the journal one behind: that round is ended first, or no round could ever begin again.
 *
 * @returns `null` when another worker has taken the round, or it is over
 */
export async function leaseRound(
  { state, holder }: Pick<Services, 'state' | 'holder'>,
  projectId: string,
  round: number,
): Promise<JournalWriter | null> {
  const journal = state.journal(projectId, AUDITOR);
  const writer = await journal.lease(round, await holder());
  const { auditRounds } = await state.project(projectId).get();
  if (writer !== null || auditRounds !== round - 1) return writer;
  const behind = await journal.lease(round - 1, await holder());
  if (behind === null) return null;
  await behind.append({ type: 'step_done', outcome: 'interrupted' });
  return journal.lease(round, await holder());
}
