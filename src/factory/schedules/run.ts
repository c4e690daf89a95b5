import { type DarkFactoryError, isFailure } from '../../lib/failure.ts';
import { uuidFrom } from '../../lib/ids.ts';
import { projectOrNull } from '../decisions/tree/tree.ts';
import { FACTORY } from '../finance/deps.ts';
import type { EventType, FactoryEvent } from '../model/event.ts';
import type { Project } from '../model/project.ts';
import { isIdle, RUNS_KEPT, type Schedule, type ScheduleRun } from '../model/schedule.ts';
import { inZone } from './cron.ts';
import { type Due, dueNow, MOST_COUNTED } from './due.ts';
import { findSchedule, openOf, planOf, type ScheduleDeps } from './schedules.ts';

/** A run, and what it made. */
export interface RunMade {
  run: ScheduleRun;
  projects: Project[];
}

/** What is told of a run: the made ones tell of themselves. */
const EVENT_OF = {
  made: 'schedule.ran',
  skipped: 'schedule.ran',
  missed: 'schedule.failed',
  failed: 'schedule.failed',
} as const satisfies Record<ScheduleRun['outcome'], EventType>;

/**
 * Makes the projects of a schedule if a moment of it has come. Safe to ask at any moment and from any process: the document says what
 * is dealt with, and ids that follow from schedule and moment say what was made already when somebody was killed before they wrote
 * that down.
 *
 * @returns what was done, `null`: nothing was due
 */
export async function runDue(deps: ScheduleDeps, id: string): Promise<ScheduleRun[] | null> {
  const find = async () => (await deps.state.schedules().get()).schedules.find((each) => each.id === id);
  // Mostly there is nothing to do, and nobody need wait for that.
  const glance = await find();
  if (glance === undefined || dueNow(glance, deps.now()) === null) return null;
  return alone(deps, id, async () => {
    const schedule = await find();
    const due = schedule === undefined ? null : dueNow(schedule, deps.now());
    if (schedule === undefined || due === null) return null;
    const runs = due.missed === undefined ? [] : [missedRun(deps, schedule, due)];
    if (due.due !== undefined) {
      const made = await makeInTime(deps, schedule, due.due);
      if (made === null) return null;
      runs.push(made);
    }
    const again = runs.filter((run) => isSameSkip(run, schedule.runs.at(-1)));
    for (const run of runs)
      if (!again.includes(run))
        await tell(deps, schedule, run, run.outcome !== 'missed' || due.due === undefined);
    await write(deps, id, ({ trouble: _over, runs: before, ...rest }) => ({
      ...rest,
      handledUntil: due.handledUntil,
      runs: [...before.slice(0, before.length - again.length), ...runs].slice(-RUNS_KEPT),
    }));
    return runs.length === 0 ? null : runs;
  });
}

/** One of every five minutes is skipped all night for the same projects: that is told once, and is one entry. */
function isSameSkip(run: ScheduleRun, last: ScheduleRun | undefined): boolean {
  return run.outcome === 'skipped' && last?.outcome === 'skipped' && run.detail === last.detail;
}

/**
 * `df schedule run`: makes its projects now.
 *
 * @param by who asked
 * @throws DarkFactoryError `not_found`/`schedule_not_found`, and all that making them may say, which the list shows then as well
 */
export async function runNow(
  deps: ScheduleDeps,
  name: string,
  by: string,
): Promise<RunMade & { schedule: Schedule }> {
  const { id } = await findSchedule(deps, name);
  return alone(deps, id, async () => {
    const schedule = await findSchedule(deps, name);
    const note = async (run: ScheduleRun) => {
      await tell(deps, schedule, run, false);
      await write(deps, id, (each) => ({ ...each, runs: [...each.runs, run].slice(-RUNS_KEPT) }));
    };
    try {
      const made = await make(deps, schedule, { key: deps.newId(), by });
      await note(made.run);
      return { schedule, ...made };
    } catch (error) {
      if (isFailure(error) && !isPassing(error)) await note(failedRun(deps, error));
      throw error;
    }
  });
}

/** @returns `null`: what hinders it passes, and it is tried again until it is too late */
async function makeInTime(deps: ScheduleDeps, schedule: Schedule, due: Date): Promise<ScheduleRun | null> {
  try {
    const by = `schedule ${schedule.name}`;
    return { ...(await make(deps, schedule, { key: due.toISOString(), by, due })).run, due };
  } catch (error) {
    if (!isFailure(error)) throw error;
    if (!isPassing(error)) return { ...failedRun(deps, error), due };
    const trouble = said(error);
    if (trouble === schedule.trouble) return null;
    const until = inZone(new Date(due.getTime() + schedule.catchUp), schedule.timezone);
    const message = `The schedule ${schedule.name} cannot make its projects yet: ${trouble} It is tried again until ${until}.`;
    await deps.record({ projectId: FACTORY, type: 'schedule.failed', level: 'warn', message });
    await write(deps, schedule.id, (each) => ({ ...each, trouble }));
    return null;
  }
}

/** The owner need not do anything to the schedule: a full disk, no provider, a lock that is held. */
function isPassing({ kind }: DarkFactoryError): boolean {
  return kind === 'environment';
}

async function make(
  deps: ScheduleDeps,
  schedule: Schedule,
  { key, by, due }: { key: string; by: string; due?: Date },
): Promise<RunMade> {
  const at = deps.now();
  const idOf = (index: number) => uuidFrom(`schedule ${schedule.id} ${key} ${index}`);
  const late = due === undefined ? 0 : at.getTime() - due.getTime();
  const told = (projects: Project[]): RunMade => {
    const count = projects.length === 1 ? '1 project' : `${projects.length} projects`;
    const detail = `${count} made and started${late > LATE_MS ? `, made up for at ${inZone(at, schedule.timezone)}` : ''}.`;
    return { run: { at, outcome: 'made', detail, projects: projects.length }, projects };
  };
  const there = await madeBefore(deps, idOf);
  if (there.length > 0) return told(there);
  const open = openOf(schedule, await deps.state.listOpenProjects());
  if (open.length > 0)
    return { run: { at, outcome: 'skipped', detail: openText(open), projects: 0 }, projects: [] };
  const { id: scheduleId, name } = schedule;
  const origin = { kind: 'schedule', scheduleId, name, ...(due === undefined ? {} : { due }) } as const;
  const plan = await planOf(deps, { ...schedule, by }, { idOf, origin });
  return told(await deps.makerFor(by).enqueue(plan));
}

/** Milliseconds after its moment from which on one is said to be made up for. */
const LATE_MS = 2 * 60_000;

/** Of all or none: a killed process may have come that far. */
async function madeBefore({ state }: ScheduleDeps, idOf: (index: number) => string): Promise<Project[]> {
  const found: Project[] = [];
  for (;;) {
    const project = await projectOrNull(state, idOf(found.length));
    if (project === null) return found;
    found.push(project);
  }
}

const MOST_NAMES = 3;

function openText(open: readonly Project[]): string {
  const names = open
    .slice(0, MOST_NAMES)
    .map(({ name, status }) => `${name} (${status.replaceAll('_', ' ')})`);
  const rest = open.length - names.length;
  const more = rest > 0 ? ` and ${rest} more` : '';
  return `${names.join(', ')}${more} ${open.length === 1 ? 'is' : 'are'} still open from an earlier run.`;
}

function missedRun({ now }: ScheduleDeps, { timezone, trouble, catchUp }: Schedule, due: Due): ScheduleRun {
  const { first, last, count } = due.missed ?? { first: now(), last: now(), count: 0 };
  const times =
    count === 1
      ? `The run of ${inZone(last, timezone)} was missed`
      : `${count >= MOST_COUNTED ? `${MOST_COUNTED} runs or more` : `${count} runs`} from ${inZone(first, timezone)} on were missed`;
  const hours = Math.round(catchUp / 360_000) / 10;
  const why =
    due.due !== undefined
      ? 'one is made up for'
      : trouble === undefined
        ? `nothing ran it within ${hours} h`
        : `it could not be made within ${hours} h: ${trouble.replace(/\.$/, '')}`;
  return { due: last, at: now(), outcome: 'missed', detail: `${times}: ${why}.`, projects: 0 };
}

function failedRun({ now }: ScheduleDeps, error: DarkFactoryError): ScheduleRun {
  return { at: now(), outcome: 'failed', detail: said(error), projects: 0 };
}

/** A file may have thousands of faults. Characters. */
const MOST_SAID = 2_000;

function said({ message, hint }: DarkFactoryError): string {
  const what = message.length > MOST_SAID ? `${message.slice(0, MOST_SAID)}…` : message;
  const sentence = (text: string) => `${text}${/[.!?…]$/.test(text) ? '' : '.'}`;
  return `${sentence(what)} ${sentence(hint.trim())}`;
}

/** @param needsOwner it is worth a notification where it made nothing */
async function tell(
  { record }: ScheduleDeps,
  { name }: Schedule,
  { outcome, detail }: ScheduleRun,
  needsOwner: boolean,
): Promise<void> {
  const level: FactoryEvent['level'] = isIdle({ outcome }) && needsOwner ? 'warn' : 'info';
  const how = { made: '', skipped: ' was skipped', missed: '', failed: ' made nothing' }[outcome];
  const message = `The schedule ${name}${how}: ${detail}`;
  await record({ projectId: FACTORY, type: EVENT_OF[outcome], level, message });
}

async function write(
  { state }: ScheduleDeps,
  id: string,
  change: (schedule: Schedule) => Schedule,
): Promise<void> {
  await state.schedules().update((file) => ({
    ...file,
    schedules: file.schedules.map((each) => (each.id === id ? change(each) : each)),
  }));
}

function alone<T>({ state }: ScheduleDeps, id: string, work: () => Promise<T>): Promise<T> {
  return state.oneAtATime(`schedule-${id}`, work);
}
