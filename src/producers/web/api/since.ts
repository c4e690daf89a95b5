/** From when on what happened is asked for. */
import * as z from 'zod';

export const sinceQuery = z.strictObject({ since: z.coerce.date().optional() });
const DAY_MS = 24 * 3_600_000;
/** Longer nights are no nights. */
const LONGEST_NIGHT_MS = 14 * DAY_MS;

/** @returns a day ago where nothing was said */
export function sinceOf({ since }: z.output<typeof sinceQuery>, now: Date): Date {
  const earliest = now.getTime() - LONGEST_NIGHT_MS;
  return new Date(Math.max(earliest, since?.getTime() ?? now.getTime() - DAY_MS));
}
