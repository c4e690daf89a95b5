/** From when on what happened is asked for: a moment as `df report --since` takes it. */
import * as z from 'zod';
import { parseSince } from '../../documents/since.ts';

export const sinceQuery = z.strictObject({ since: z.string().max(100).optional() });

/** @returns a day ago where nothing was said. Throws `usage`/`invalid_moment`. */
export function sinceOf({ since }: z.output<typeof sinceQuery>, now: Date): Date {
  return parseSince('since', since ?? '24h', now);
}
