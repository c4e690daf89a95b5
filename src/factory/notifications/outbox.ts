import { isOfFuture } from '../../lib/clock.ts';
import type { NextJob } from '../../queues/jobs/catalogue.ts';
import type { Letter } from '../model/notifications/notification.ts';

const FIRST_MS = 5_000;
const LONGEST_MS = 15 * 60_000;
/** By so much of itself a pause is longer or shorter, so that not all come at once. */
const SPREAD = 0.2;
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
  return Math.round(Math.max(grown * (1 - SPREAD + 2 * SPREAD * chance), Math.min(asked ?? 0, LONGEST_MS)));
}

/** Milliseconds until a letter may be sent, none after the clock was set back: its moment is then as far away as that went. */
export function pauseLeft({ notBefore }: Pick<Letter, 'notBefore'>, now: Date): number {
  if (notBefore === undefined) return 0;
  const earliest = new Date(notBefore.getTime() - LONGEST_MS * (1 + SPREAD));
  return isOfFuture(earliest, now) ? 0 : Math.max(0, notBefore.getTime() - now.getTime());
}

/** The job that brings a letter to its target. */
export function letterJob(box: string, letter: Letter, now: Date): NextJob {
  const { notice, target } = letter;
  const delay = pauseLeft(letter, now);
  return {
    queue: 'notifications',
    payload: { box, notice: notice.id, target },
    deduplicationId: `notice.${notice.id}.${target}`,
    ...(delay === 0 ? {} : { delay }),
  };
}
