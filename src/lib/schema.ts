import { z } from 'zod';

/** A moment: ISO 8601 in files and JSON, a `Date` in memory. */
export const moment = z.coerce.date();

/** A US-dollar amount that is never negative, NaN or infinite. */
export const usd = z.number().nonnegative().finite();

/** Milliseconds, whole, above zero. */
export const milliseconds = z.number().int().positive();

/** A confidence from 0 (a guess) to 1 (certain). */
export const confidence = z.number().min(0).max(1);

/** Every state document carries the version of its form (for migrations) and a counter of its updates. */
export const documentHead = {
  schemaVersion: z.literal(1).default(1),
  version: z.number().int().nonnegative().default(0),
};
