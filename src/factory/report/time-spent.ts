import type { EventType, FactoryEvent } from '../model/event.ts';
import { SEALER } from '../model/sealing/sealer.ts';

/** What a project's time can go to. At each moment it is one of them, so they sum up to the time from start to end. */
export const ACTIVITIES = [
  'working',
  'gates',
  'audits',
  'setup',
  'sealing',
  'rate',
  'provider',
  'key',
  'disk',
  'hours',
  'turn',
  'credits',
  'budget',
  'decision',
  'paused',
  'worker',
  'asleep',
  'idle',
] as const;
export type Activity = (typeof ACTIVITIES)[number];

export const ACTIVITY_NAMES: Readonly<Record<Activity, string>> = {
  working: 'working',
  gates: 'quality gates',
  audits: 'closing audits',
  setup: 'set-up',
  sealing: 'writing sealed checks',
  rate: 'waiting for rate limits',
  provider: 'waiting for a provider',
  key: 'waiting for a key that works',
  disk: 'waiting for room on a disk',
  hours: 'outside of the work hours',
  turn: 'waiting for its turn',
  credits: 'waiting for credits',
  budget: 'stopped at a budget',
  decision: 'waiting for branches of a decision',
  paused: 'paused',
  worker: 'no worker was there',
  asleep: 'the machine was asleep',
  idle: 'nobody at work',
};

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

/** Whoever rests goes on by an order only; what a turn that was under way still reports is no such order. */
const RESTING: ReadonlySet<Activity> = new Set(['credits', 'budget', 'decision', 'paused']);
const AT_WORK: ReadonlySet<Activity> = new Set(['working', 'sealing']);
/** `decision` stands in older logs. */
const PAUSED_FOR: Readonly<Record<string, Activity>> = {
  budget: 'budget',
  disk: 'disk',
  hours: 'hours',
  turn: 'turn',
  project: 'decision',
  decision: 'decision',
};
const WAITING_FOR: Readonly<Record<string, Activity>> = {
  rate: 'rate',
  key: 'key',
  disk: 'disk',
  hours: 'hours',
  turn: 'turn',
};
/** A time in which nobody could work for any project: no worker lived, or those that did slept with their machine. */
export interface Absence {
  from: Date;
  to: Date;
  why: 'worker' | 'asleep';
}

const ENDS: ReadonlySet<EventType> = new Set([
  'project.stopped',
  'project.completed',
  'project.failed',
  'project.timeout',
]);

/** What a project's time went to from one moment to another. */
export interface Span {
  activity: Activity;
  from: Date;
  to: Date;
}

/**
 * Where a project's time went, from its events alone. Pure.
 *
 * A periodic or manual audit and a manual gate run beside the work and take nothing from it.
 *
 * @param events its audit log, in any order
 * @param now where the time of a project that has not ended stops
 * @param absences of the factory: nobody could work then, whatever had begun before
 * @returns zeros before its start
 */
export function timeSpent(
  events: readonly FactoryEvent[],
  now: Date,
  absences: readonly Absence[] = [],
): TimeSpent {
  const spent = Object.fromEntries(ACTIVITIES.map((each) => [each, 0])) as Record<Activity, number>;
  let wallMs = 0;
  for (const { activity, from, to } of timeline(events, now, absences)) {
    const ms = to.getTime() - from.getTime();
    spent[activity] += ms;
    wallMs += ms;
  }
  return { wallMs, spent };
}

/** As `timeSpent`, one span after the other from its start, with gaps between attempts alone. Pure. */
export function timeline(
  events: readonly FactoryEvent[],
  now: Date,
  absences: readonly Absence[] = [],
): Span[] {
  const marks = events
    .map((event) => ({ event, at: Date.parse(event.timestamp) }))
    .sort((a, b) => a.at - b.at);
  const first = marks.findIndex(({ event }) => event.type === 'project.started');
  if (first < 0) return [];
  const spans: Span[] = [];
  let activity: Activity | 'ended' = 'idle';
  let prepared = false;
  let at = marks[first]?.at ?? 0;
  const pass = (until: number) => {
    if (until <= at) return;
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
  for (const { event, at: moment } of marks.slice(first + 1)) {
    if (activity === 'ended' && event.type !== 'project.retried') continue;
    const took: Took | null = activity === 'ended' || RESTING.has(activity) ? null : tookWhole(event);
    if (took !== null) {
      pass(moment - took.ms);
      activity = took.activity;
    }
    pass(moment);
    prepared ||= event.type === 'project.prepared';
    if (ENDS.has(event.type)) activity = 'ended';
    else if (activity === 'ended') activity = 'idle';
    else activity = took === null ? next(activity, event, prepared) : 'working';
  }
  pass(now.getTime());
  return spans;
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

function next(current: Activity, event: FactoryEvent, prepared: boolean): Activity {
  const { type, data } = event;
  switch (type) {
    case 'project.resumed':
    case 'project.woken':
      return prepared ? 'working' : 'idle';
    case 'project.paused':
      return PAUSED_FOR[String(data?.['for'])] ?? 'paused';
    case 'project.waiting_for_credits':
      return data?.['for'] === 'provider' || data?.['for'] === 'key' ? data['for'] : 'credits';
  }
  if (RESTING.has(current)) return current;
  switch (type) {
    case 'project.waiting':
      return WAITING_FOR[String(data?.['for'])] ?? 'provider';
    case 'sealing.started':
      return 'sealing';
    case 'project.prepared':
    case 'project.went_on':
    case 'sealed.written':
      return 'working';
  }
  // A reply shows that a wait is over, also where nobody wrote that down.
  if (!/^(step|tool)\./.test(type)) return current;
  return event.persona === SEALER ? 'sealing' : 'working';
}
