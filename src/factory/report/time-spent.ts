import type { EventType, FactoryEvent } from '../model/event.ts';
import type { Project } from '../model/project.ts';
import { ACTIVITIES, type Activity, RESTING, type Standing, standingAfter } from './standing.ts';

/** Milliseconds. */
export interface TimeSpent {
  /** From start to end, or to now; of several attempts the sum. */
  wallMs: number;
  spent: Record<Activity, number>;
}

/**
 * Without a sign of life for longer than this (milliseconds) nobody was at it: no model call and no command takes so long.
 */
const LONGEST_SILENCE = 45 * 60_000;

const AT_WORK: ReadonlySet<Activity> = new Set(['working', 'sealing']);
/** A time in which nobody could work for any project: no worker lived, or those that did slept with their machine. */
export interface Absence {
  from: Date;
  to: Date;
  why: 'worker' | 'asleep';
}

/** What a project's time went to from one moment to another. */
export interface Span {
  activity: Activity;
  from: Date;
  to: Date;
}

/** When it was started. Its log says so as well, but for branches of decisions, which are made started. */
type Begun = Pick<Project, 'startTime'>;

/**
 * Where a project's time went, from its start and its events alone. Pure.
 *
 * A periodic or manual audit and a manual gate run beside the work and take nothing from it.
 *
 * @param events its audit log, in any order
 * @param now where the time of a project that has not ended stops
 * @param absences of the factory: nobody could work then, whatever had begun before
 * @returns zeros before its start
 */
export function timeSpent(
  project: Begun,
  events: readonly FactoryEvent[],
  now: Date,
  absences: readonly Absence[] = [],
): TimeSpent {
  const spent = Object.fromEntries(ACTIVITIES.map((each) => [each, 0])) as Record<Activity, number>;
  let wallMs = 0;
  for (const { activity, from, to } of timeline(project, events, now, absences)) {
    const ms = to.getTime() - from.getTime();
    spent[activity] += ms;
    wallMs += ms;
  }
  return { wallMs, spent };
}

interface Mark {
  event: FactoryEvent;
  at: number;
}

/** As `timeSpent`, one span after the other from its start, with gaps between attempts alone. Pure. */
export function timeline(
  project: Begun,
  events: readonly FactoryEvent[],
  now: Date,
  absences: readonly Absence[] = [],
): Span[] {
  const marks = events
    .map((event) => ({ event, at: Date.parse(event.timestamp) }))
    .sort((a, b) => a.at - b.at);
  const begin = beginOf(project, marks);
  if (begin === undefined) return [];
  const spans: Span[] = [];
  let standing: Standing = { activity: 'idle', prepared: false };
  let at = begin;
  const pass = (until: number) => {
    if (until <= at) return;
    const { activity } = standing;
    if (activity !== 'ended') {
      const away = RESTING.has(activity) ? [] : absencesIn(absences, at, until);
      const rest = away.reduce((left, each) => left - (each.to - each.from), until - at);
      const silent = rest > LONGEST_SILENCE && AT_WORK.has(activity);
      let reached = at;
      for (const { why, from, to } of away) {
        add(spans, silent ? 'idle' : activity, reached, from);
        add(spans, why, from, to);
        reached = to;
      }
      add(spans, silent ? 'idle' : activity, reached, until);
    }
    at = until;
  };
  for (const { event, at: moment } of marks.filter((each) => each.at >= begin)) {
    const { activity } = standing;
    const took: Took | null = activity === 'ended' || RESTING.has(activity) ? null : tookWhole(event);
    if (took !== null) {
      pass(moment - took.ms);
      standing = { ...standing, activity: took.activity };
    }
    pass(moment);
    standing = standingAfter(standing, event, took !== null);
  }
  pass(now.getTime());
  return spans;
}

/** What sets a project to work for the first time; one that was paused or stopped before goes on by the others. */
const BEGINS: ReadonlySet<EventType> = new Set(['project.started', 'project.resumed', 'project.retried']);

/** `undefined`: it was never started. */
function beginOf({ startTime }: Begun, marks: readonly Mark[]): number | undefined {
  const told = marks.find(({ event }) => BEGINS.has(event.type))?.at;
  const noted = startTime?.getTime();
  return told === undefined || noted === undefined ? (told ?? noted) : Math.min(told, noted);
}

/** Makes the last one longer where it goes on. */
function add(spans: Span[], activity: Activity, from: number, to: number): void {
  if (to <= from) return;
  const last = spans.at(-1);
  if (last?.activity === activity && last.to.getTime() === from) last.to = new Date(to);
  else spans.push({ activity, from: new Date(from), to: new Date(to) });
}

/** What of them lies between two moments, each millisecond once. */
function absencesIn(
  absences: readonly Absence[],
  from: number,
  to: number,
): { why: Absence['why']; from: number; to: number }[] {
  let at = from;
  return absences.flatMap((each) => {
    const begin = Math.max(at, each.from.getTime());
    const end = Math.min(to, each.to.getTime());
    if (end <= begin) return [];
    at = end;
    return [{ why: each.why, from: begin, to: end }];
  });
}

interface Took {
  activity: Activity;
  ms: number;
}

const WHOLE: Readonly<Partial<Record<EventType, Activity>>> = {
  'project.prepared': 'setup',
  'gate.passed': 'gates',
  'gate.failed': 'gates',
  'audit.passed': 'audits',
  'audit.failed': 'audits',
};

/** What is told at its end, with the time it took. Manual gates and audits beside the work take nothing from it. */
function tookWhole({ type, data }: FactoryEvent): Took | null {
  const activity = WHOLE[type];
  if (activity === undefined) return null;
  const ms = data?.['durationMs'];
  const beside = data?.['kind'] === 'manual' || data?.['kind'] === 'periodic';
  return typeof ms !== 'number' || beside ? null : { activity, ms };
}
