import type { Schedule, ScheduleRun } from '../factory/model/schedule.ts';
import { type RunMade, runDue, runNow } from '../factory/schedules/run.ts';
import {
  addSchedule,
  type NewSchedule,
  removeSchedule,
  type ScheduleDeps,
} from '../factory/schedules/schedules.ts';
import type { Bus } from '../queues/bus.ts';
import { placesIn, readBacklogFile } from '../state/backlog-places.ts';

/** Projects that are made again and again at their time. */
export interface Schedules {
  /** See `addSchedule`. */
  add: (schedule: NewSchedule) => ReturnType<typeof addSchedule>;
  /** See `removeSchedule`. */
  remove(name: string): Promise<Schedule>;
  /** See `runNow`. */
  runNow(name: string, by: string): Promise<RunMade & { schedule: Schedule }>;
  /** See `runDue`. */
  runDue(id: string): Promise<ScheduleRun[] | null>;
  /**
   * What workers do again and again: makes what is due, also what was missed, and has Redis wake them at the moments to come.
   *
   * @param onProblem hears of a schedule that could not be looked at; it holds up no other
   */
  tend(onProblem: (name: string, problem: unknown) => void): Promise<void>;
  /** Has Redis wake workers at the moments of all schedules, and at no others. */
  keep(): Promise<void>;
}

export interface SchedulesDeps extends Omit<ScheduleDeps, 'readBacklog' | 'placesIn'> {
  queue(): Promise<Pick<Bus, 'keepSchedules'>>;
}

export function openSchedules(given: SchedulesDeps): Schedules {
  const deps: ScheduleDeps = { ...given, readBacklog: readBacklogFile, placesIn };
  const all = async () => (await deps.state.schedules().get()).schedules;
  const keep = async () => (await given.queue()).keepSchedules(await all());
  return {
    add: (schedule) => addSchedule(deps, schedule),
    remove: (name) => removeSchedule(deps, name),
    runNow: (name, by) => runNow(deps, name, by),
    runDue: (id) => runDue(deps, id),
    async tend(onProblem) {
      for (const { id, name } of await all())
        await runDue(deps, id).catch((problem: unknown) => onProblem(name, problem));
      await keep();
    },
    keep,
  };
}
