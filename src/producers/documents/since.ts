import { LONGEST_DURATION_MS, parseDuration } from '../../lib/duration.ts';
import { usageError } from '../../lib/failure.ts';
import { shown } from '../../lib/text/text.ts';

/** A moment in the past: `22:00` (the last time that it was), `12h` ago, or an ISO time. */
export function parseSince(option: string, text: string, now: Date): Date {
  const [, hour, minute] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  if (hour !== undefined) {
    const at = new Date(now);
    at.setHours(Number(hour), Number(minute), 0, 0);
    if (at > now) at.setDate(at.getDate() - 1);
    return at;
  }
  const ago = parseDuration(text);
  if (ago !== null && ago <= LONGEST_DURATION_MS) return new Date(now.getTime() - ago);
  const iso = /^\d{4}-\d\d-\d\d([T ]|$)/.test(text) ? new Date(text) : null;
  if (iso !== null && !Number.isNaN(iso.getTime()) && iso <= now) return iso;
  throw usageError(
    'invalid_moment',
    `${option} ${shown(text)} is no moment in the past`,
    `Write a time of the day, how long ago, or an ISO time: ${option} 22:00, ${option} 12h or ${option} 2026-11-22T22:00`,
  );
}
