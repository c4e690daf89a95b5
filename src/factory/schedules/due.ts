import { isOfFuture } from '../../lib/clock.ts';
import type { Schedule } from '../model/schedule.ts';
import { momentsBetween, nextMoment } from './cron.ts';

/** What a schedule has to do now. */
export interface Due {
  /** The moment that is to be made, or made up for. Missing: it is too late for all of them, or none has come. */
  due?: Date;
  /** Those that nothing comes of. `count` is `MOST_COUNTED` where there may be more. */
  missed?: { first: Date; last: Date; count: number };
  /** All moments up to here are dealt with by that. */
  handledUntil: Date;
}

/** More that were missed are not counted. */
export const MOST_COUNTED = 1_000;

/**
 * Of all moments since the last look the newest counts, if it is not longer ago than `catchUp`: a machine that slept makes up for one, never for
 * ten at once. Pure; `null`: nothing is due.
 */
export function dueNow(
  { cron, timezone, catchUp, handledUntil }: Pick<Schedule, 'cron' | 'timezone' | 'catchUp' | 'handledUntil'>,
  now: Date,
): Due | null {
  // A clock that was ahead and is set back must not silence it; what was made already is known by its ids.
  if (isOfFuture(handledUntil, now)) return { handledUntil: now };
  const after = handledUntil;
  const first = nextMoment(cron, timezone, after);
  if (first === null || first > now) return null;
  const tooLate = new Date(now.getTime() - catchUp - 1);
  const most = MOST_COUNTED;
  const old = first > tooLate ? [] : momentsBetween(cron, timezone, { after, until: tooLate, most });
  const from = tooLate > after ? tooLate : after;
  const recent = momentsBetween(cron, timezone, { after: from, until: now, most: Number.POSITIVE_INFINITY });
  const due = recent.at(-1);
  const missed = [...old, ...recent.slice(0, -1)];
  const last = missed.at(-1);
  return {
    ...(due === undefined ? {} : { due }),
    ...(last === undefined ? {} : { missed: { first, last, count: Math.min(most, missed.length) } }),
    handledUntil: due ?? last ?? now,
  };
}
