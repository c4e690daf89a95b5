import * as z from 'zod';
import { duration } from './duration-setting.ts';

/** What the machine bears, and what is done about it. */
export const limits = z
  .object({
    /** Room that is to stay free where state and repositories lie; below it new steps wait. Bytes, or a share: `10%`. */
    diskFree: z
      .union([
        z.number().int().nonnegative(),
        z.string().regex(/^\d{1,2}(\.\d+)?%$/, 'neither bytes nor a share like 10%'),
      ])
      .default('10%'),
    /** Where room is short: outputs and logs older than this go, and worktrees that are kept. */
    cleanAfter: duration('7d'),
    /** Share of the memory in use above which fewer gates run at once. */
    memory: z.number().min(0.1).max(1).default(0.8),
    /** Workers that a step may cost at one place before it is not tried again. */
    crashes: z.number().int().positive().default(3),
  })
  .prefault({});
