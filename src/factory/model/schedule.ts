import * as z from 'zod';
import { documentHead, milliseconds, moment } from '../../lib/schema.ts';

/** What came of a moment of a schedule, or of several that were missed. */
const scheduleRun = z.object({
  /** The moment that it was for. Missing: its owner ran it by hand. */
  due: moment.optional(),
  at: moment,
  /**
   * `skipped`: projects of an earlier run are still open. `missed`: nothing could run it in time. `failed`: no project could be made of what
   * it stands for.
   */
  outcome: z.enum(['made', 'skipped', 'missed', 'failed']),
  /** One sentence for people, or several. */
  detail: z.string(),
  /** How many were made. */
  projects: z.number().int().nonnegative().default(0),
});
export type ScheduleRun = z.infer<typeof scheduleRun>;

/** Something was to be made, and nothing was. */
export function isIdle({ outcome }: Pick<ScheduleRun, 'outcome'>): boolean {
  return outcome === 'failed' || outcome === 'missed';
}

/** Runs of a schedule that are remembered, the newest. */
export const RUNS_KEPT = 30;

const schedule = z.object({
  id: z.uuid(),
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
  cron: z.string().min(1),
  timezone: z.string().min(1),
  /** One that is missed is made up for within so many milliseconds. */
  catchUp: milliseconds,
  /** Absolute; where relative paths of what is made begin. */
  folder: z.string().min(1),
  /** Absolute path of a file of projects, read at each run. */
  file: z.string().min(1).optional(),
  /** Instead of a file: one project, as an entry of such a file. It is judged at each run. */
  order: z.record(z.string(), z.unknown()).optional(),
  createdAt: moment,
  createdBy: z.string(),
  /** All moments up to this one are dealt with. */
  handledUntil: moment,
  /** Why the present run could not be made yet; it is tried again. */
  trouble: z.string().optional(),
  /** The newest last. */
  runs: z.array(scheduleRun).default([]),
});
export type Schedule = z.infer<typeof schedule>;

/** schedules.yaml */
export const schedulesFile = z.object({ ...documentHead, schedules: z.array(schedule).default([]) });
export type SchedulesFile = z.infer<typeof schedulesFile>;
