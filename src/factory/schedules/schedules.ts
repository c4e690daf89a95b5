import { DarkFactoryError, isFailure, usageError } from '../../lib/failure.ts';
import type { NewId } from '../../lib/ids.ts';
import type { BacklogText } from '../backlog/backlog-file.ts';
import type { Places, PlannedBacklog } from '../backlog/enqueue.ts';
import { isTimeZone } from '../config/work-hours.ts';
import type { NewEvent } from '../model/event.ts';
import { ENDED, type Project } from '../model/project.ts';
import type { Schedule } from '../model/schedule.ts';
import type { StateStore } from '../ports.ts';
import { cronProblem } from './cron.ts';

/** Files of projects, in whose name they are made. */
export interface MakeProjects {
  plan(text: BacklogText, name: string, places: Places): Promise<PlannedBacklog>;
  enqueue(planned: PlannedBacklog): Promise<Project[]>;
}

export interface ScheduleDeps {
  state: StateStore;
  now(): Date;
  newId: NewId;
  record(event: NewEvent): Promise<void>;
  makerFor(by: string): MakeProjects;
  /** Throws `usage` for a file that is not there, or is no file of projects. @param file absolute path */
  readBacklog(file: string): Promise<BacklogText>;
  /** @param folder absolute path of the folder in which the schedule was made */
  placesIn(folder: string): Places;
}

/** What `df schedule add` gives. */
export interface NewSchedule
  extends Pick<Schedule, 'name' | 'cron' | 'timezone' | 'catchUp' | 'folder' | 'file' | 'order'> {
  by: string;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const MOST_SCHEDULES = 200;
const MINUTE_MS = 60_000;
/** Longer ago than that nobody waits for a night any more. */
const LONGEST_CATCH_UP_MS = 7 * 24 * 60 * MINUTE_MS;

/**
 * Adds a schedule, once all of what it would make now could be made.
 *
 * @returns the schedule, how many projects it would make now, and sentences about what will probably go wrong later
 * @throws DarkFactoryError `usage`: `schedule_name_invalid`, `schedule_name_taken`, `cron_invalid`, `timezone_unknown`,
 *   `catch_up_invalid`, and all that planning may say
 */
export async function addSchedule(
  deps: ScheduleDeps,
  given: NewSchedule,
): Promise<{ schedule: Schedule; makes: number; warnings: string[] }> {
  refuseUnusable(given);
  const { by, ...what } = given;
  const refuseTaken = (schedules: readonly Schedule[]) => {
    if (schedules.some(({ name }) => name.toLowerCase() === given.name.toLowerCase()))
      throw taken(given.name);
    if (schedules.length >= MOST_SCHEDULES) throw tooMany();
  };
  refuseTaken((await deps.state.schedules().get()).schedules);
  const { planned, warnings } = await planOf(deps, { ...what, by }, {});
  const now = deps.now();
  const schedule: Schedule = {
    ...what,
    id: deps.newId(),
    cron: what.cron.trim().replace(/\s+/g, ' '),
    createdAt: now,
    createdBy: by,
    handledUntil: now,
    runs: [],
  };
  await deps.state.schedules().update((file) => {
    refuseTaken(file.schedules);
    return { ...file, schedules: [...file.schedules, schedule] };
  });
  return { schedule, makes: planned.length, warnings };
}

/** Its projects stay. Throws `not_found`/`schedule_not_found`. */
export async function removeSchedule(deps: Pick<ScheduleDeps, 'state'>, name: string): Promise<Schedule> {
  const found = await findSchedule(deps, name);
  await deps.state
    .schedules()
    .update((file) => ({ ...file, schedules: file.schedules.filter(({ id }) => id !== found.id) }));
  return found;
}

/** Throws `not_found`/`schedule_not_found`. */
export async function findSchedule({ state }: Pick<ScheduleDeps, 'state'>, name: string): Promise<Schedule> {
  const { schedules } = await state.schedules().get();
  const found =
    schedules.find((each) => each.name === name) ??
    schedules.find((each) => each.name.toLowerCase() === name.toLowerCase());
  if (found !== undefined) return found;
  throw new DarkFactoryError(
    'not_found',
    'schedule_not_found',
    `There is no schedule named ${JSON.stringify(name.slice(0, 80))}`,
    'See df schedule list.',
  );
}

/** Of those projects the ones that it made and that have not ended. */
export function openOf({ id }: Pick<Schedule, 'id'>, open: readonly Project[]): Project[] {
  return open.filter(
    ({ origin, status }) => origin?.kind === 'schedule' && origin.scheduleId === id && !ENDED.has(status),
  );
}

/** All that it stands for, checked as `df enqueue` does; nothing is written. */
export async function planOf(
  deps: Pick<ScheduleDeps, 'readBacklog' | 'makerFor' | 'placesIn'>,
  { name, file, order, folder, by }: Pick<NewSchedule, 'name' | 'file' | 'order' | 'folder' | 'by'>,
  ids: Pick<Places, 'idOf' | 'origin'>,
): Promise<PlannedBacklog> {
  const places = { ...deps.placesIn(folder), ...ids };
  const { plan } = deps.makerFor(by);
  if (file !== undefined) return plan(await deps.readBacklog(file), file, places);
  try {
    const value = { projects: [withUnit(order)] };
    return await plan({ value, lineOf: () => 1 }, `schedule ${name}`, places);
  } catch (error) {
    throw isFailure(error, 'backlog_invalid') ? ofFlags(error) : error;
  }
}

/** What its flag said is milliseconds here, however few; a bare number in a file is judged as a slip. */
function withUnit(order: Schedule['order']): Schedule['order'] {
  const ms = order?.['maxRuntime'];
  return typeof ms === 'number' ? { ...order, maxRuntime: `${ms}ms` } : order;
}

/** It was given with flags, so there is no file to mend, and no line of one. */
function ofFlags({ message }: DarkFactoryError): DarkFactoryError {
  const said = message
    .split('\n')
    .slice(1)
    .map((line) => line.replace(/^ *line \d+: /, ''));
  return usageError(
    'schedule_invalid',
    `Its project cannot be made: ${said.join('; ')}`,
    'Give the flags as df init takes them.',
  );
}

function refuseUnusable({ name, cron, timezone, catchUp }: NewSchedule): void {
  if (!NAME.test(name))
    throw usageError(
      'schedule_name_invalid',
      `${JSON.stringify(name.slice(0, 80))} is no name for a schedule`,
      'Take 1 to 64 letters, digits, dots, dashes and underscores, for example: nightly',
    );
  const problem = cronProblem(cron);
  if (problem !== null) throw usageError('cron_invalid', problem.message, problem.hint);
  if (!isTimeZone(timezone))
    throw usageError(
      'timezone_unknown',
      `There is no time zone ${JSON.stringify(timezone.slice(0, 80))}`,
      'Name one of the tz database, for example --timezone Europe/Berlin or --timezone UTC',
    );
  if (catchUp < MINUTE_MS || catchUp > LONGEST_CATCH_UP_MS)
    throw usageError(
      'catch_up_invalid',
      '--catch-up is less than a minute or more than seven days',
      'Say for how long a missed run is still worth making up for, for example --catch-up 2h',
    );
}

function taken(name: string): DarkFactoryError {
  return usageError(
    'schedule_name_taken',
    `There is a schedule named ${name} already`,
    `Nothing was changed. Take another name, or remove that one first: df schedule remove ${name}`,
  );
}

function tooMany(): DarkFactoryError {
  return usageError(
    'schedules_too_many',
    `There are ${MOST_SCHEDULES} schedules already`,
    'Nothing was changed. One schedule can make all projects of a file: df schedule add NAME --file F',
  );
}
