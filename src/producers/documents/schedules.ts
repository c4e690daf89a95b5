import { statSync } from 'node:fs';
import type { Schedule } from '../../factory/model/schedule.ts';
import { nextMoment } from '../../factory/schedules/cron.ts';
import { openOf } from '../../factory/schedules/schedules.ts';
import type { Services } from '../../services.ts';

/** One entry of `df schedule list --json`. */
export interface ScheduleDocument extends Omit<Schedule, 'order' | 'handledUntil'> {
  /** Instead of a file: the flags of `df init` that it was made with. */
  project?: Record<string, unknown>;
  /** `null`: it never comes. */
  next: Date | null;
  /** Its file, or its repository, where that is not there now: the next run would fail. */
  lost?: string;
  /** Ids of projects that it made and that have not ended. While there are some, it makes no others. */
  open: string[];
}

/** All schedules, those that come next first. Redis is not needed. */
export async function scheduleDocuments({
  state,
  clock,
}: Pick<Services, 'state' | 'clock'>): Promise<ScheduleDocument[]> {
  const { schedules } = await state.schedules().get();
  const open = schedules.length === 0 ? [] : await state.listOpenProjects();
  const now = clock.now();
  const documents = schedules.map((schedule): ScheduleDocument => {
    const lost = lostPath(schedule);
    const { order, handledUntil: _, ...rest } = schedule;
    return {
      ...rest,
      ...(order === undefined ? {} : { project: order }),
      ...(lost === null ? {} : { lost }),
      next: nextMoment(schedule.cron, schedule.timezone, now),
      open: openOf(schedule, open).map(({ id }) => id),
    };
  });
  const place = ({ next }: ScheduleDocument) => next?.getTime() ?? Number.POSITIVE_INFINITY;
  return documents.sort((a, b) => place(a) - place(b) || (a.name < b.name ? -1 : 1));
}

/** What a schedule stands on and that is not there now. */
export function lostPath({ file, order }: Pick<Schedule, 'file' | 'order'>): string | null {
  const path = file ?? order?.['repo'];
  return typeof path === 'string' && statSync(path, { throwIfNoEntry: false }) === undefined ? path : null;
}
