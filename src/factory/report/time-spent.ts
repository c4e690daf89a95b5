import type { EventType, FactoryEvent } from '../model/event.ts';
import { SEALER } from '../model/sealer.ts';

/** What a project's time can go to. At each moment it is one of them, so they sum up to the time from start to end. */
export const ACTIVITIES = [
  'working',
  'gates',
  'audits',
  'setup',
  'sealing',
  'rate',
  'provider',
  'disk',
  'credits',
  'budget',
  'decision',
  'paused',
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
  disk: 'waiting for room on a disk',
  credits: 'waiting for credits',
  budget: 'stopped at a budget',
  decision: 'waiting for branches of a decision',
  paused: 'paused',
  idle: 'nobody at work',
};

/** Milliseconds. */
export interface TimeSpent {
  /** From start to end, or to now. */
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
  project: 'decision',
  decision: 'decision',
};
const WAITING_FOR: Readonly<Record<string, Activity>> = { rate: 'rate', disk: 'disk' };
const ENDS: ReadonlySet<EventType> = new Set([
  'project.stopped',
  'project.completed',
  'project.failed',
  'project.timeout',
]);

/**
 * Where a project's time went, from its events alone. Pure.
 *
 * A periodic or manual audit and a manual gate run beside the work and take nothing from it.
 *
 * @param events its audit log, in any order
 * @param now where the time of a project that has not ended stops
 * @returns zeros before its start
 */
export function timeSpent(events: readonly FactoryEvent[], now: Date): TimeSpent {
  const spent = Object.fromEntries(ACTIVITIES.map((each) => [each, 0])) as Record<Activity, number>;
  const marks = events
    .map((event) => ({ event, at: Date.parse(event.timestamp) }))
    .sort((a, b) => a.at - b.at);
  const first = marks.findIndex(({ event }) => event.type === 'project.started');
  if (first < 0) return { wallMs: 0, spent };
  const begin = marks[first]?.at ?? 0;
  let activity: Activity = 'idle';
  let prepared = false;
  let at = begin;
  const pass = (until: number) => {
    const ms = Math.max(0, until - at);
    const silent = ms > LONGEST_SILENCE && AT_WORK.has(activity);
    spent[silent ? 'idle' : activity] += ms;
    at = Math.max(at, until);
  };
  for (const { event, at: moment } of marks.slice(first + 1)) {
    const took: Took | null = RESTING.has(activity) ? null : tookWhole(event);
    if (took !== null) {
      pass(moment - took.ms);
      activity = took.activity;
    }
    pass(moment);
    if (ENDS.has(event.type)) return { wallMs: at - begin, spent };
    prepared ||= event.type === 'project.prepared';
    activity = took === null ? next(activity, event, prepared) : 'working';
  }
  pass(now.getTime());
  return { wallMs: at - begin, spent };
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
      return data?.['for'] === undefined || data['for'] === 'credits' ? 'credits' : 'provider';
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
