import type { NextJob } from '../../queues/jobs/catalogue.ts';
import type { Letter } from '../model/notifications/notification.ts';

const FIRST_MS = 5_000;
const LONGEST_MS = 15 * 60_000;
/** A target that takes nothing for so long is given up for this notice. */
export const GIVE_UP_MS = 24 * 3_600_000;

/**
 * Milliseconds until the next try.
 *
 * @param tries failures so far, at least one
 * @param asked what the target asked for; it is not asked sooner, but within the longest wait
 * @param chance from 0 to 1
 */
export function pauseAfter(tries: number, asked: number | undefined, chance: number): number {
  const grown = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(tries - 1, 20));
  return Math.round(Math.max(grown * (0.8 + 0.4 * chance), Math.min(asked ?? 0, LONGEST_MS)));
}

/** The job that brings a letter to its target. */
export function letterJob(box: string, { notice, target, notBefore }: Letter, now: Date): NextJob {
  const delay = notBefore === undefined ? 0 : Math.max(0, notBefore.getTime() - now.getTime());
  return {
    queue: 'notifications',
    payload: { box, notice: notice.id, target },
    deduplicationId: `notice.${notice.id}.${target}`,
    ...(delay === 0 ? {} : { delay }),
  };
}
