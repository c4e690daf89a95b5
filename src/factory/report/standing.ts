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
  'project',
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
  project: 'waiting for another project',
  credits: 'waiting for credits',
  budget: 'stopped at a budget',
  decision: 'waiting for branches of a decision',
  paused: 'paused',
  worker: 'no worker was there',
  asleep: 'the machine was asleep',
  idle: 'nobody at work',
};

/** How a project stands between two of its events. */
export interface Standing {
  activity: Activity | 'ended';
  prepared: boolean;
  /** What an open decision has it wait for: its branches, or its owner once they are weighed. Missing: there is none. */
  fork?: 'decision' | 'paused' | undefined;
}

/** Whoever rests goes on by an order only; what a turn that was under way still reports is no such order. */
export const RESTING: ReadonlySet<Activity> = new Set(['credits', 'budget', 'decision', 'paused']);
/** `decision` stands in older logs. */
const PAUSED_FOR: Readonly<Record<string, Activity>> = {
  budget: 'budget',
  disk: 'disk',
  hours: 'hours',
  turn: 'turn',
  project: 'decision',
  decision: 'decision',
};
/** What the backlog alone has a project wait for: one that has its place again rests no more. */
const OF_BACKLOG: Readonly<Record<string, Activity>> = { turn: 'turn', project: 'project' };
const WAITING_FOR: Readonly<Record<string, Activity>> = {
  rate: 'rate',
  key: 'key',
  disk: 'disk',
  hours: 'hours',
};
const ENDS: ReadonlySet<EventType> = new Set([
  'project.stopped',
  'project.completed',
  'project.failed',
  'project.timeout',
]);

/** @param took the event told the end of something whole: a set-up, a gate, an audit */
export function standingAfter(before: Standing, event: FactoryEvent, took: boolean): Standing {
  const fork = forkAfter(before.fork, event);
  const prepared = preparedAfter(before.prepared, event);
  const free = fork ?? (prepared ? 'working' : 'idle');
  return { activity: activityAfter(before, event, { fork, free, took }), prepared, fork };
}

function preparedAfter(before: boolean, { type }: FactoryEvent): boolean {
  if (type === 'project.rested' || type === 'project.retried') return false;
  return before || type === 'project.prepared';
}

function forkAfter(before: Standing['fork'], { type, data }: FactoryEvent): Standing['fork'] {
  switch (type) {
    case 'project.forked':
      return 'decision';
    case 'decision.weighed':
      return data?.['phase'] === 'ready' ? 'paused' : 'decision';
    case 'merge.failed':
      return 'paused';
    case 'decision.merged':
    case 'decision.dropped':
    case 'decision.handed_over':
      return undefined;
  }
  return before;
}

interface Then {
  fork: Standing['fork'];
  /** What it does where nothing holds it. */
  free: Activity;
  took: boolean;
}

function activityAfter(before: Standing, event: FactoryEvent, then: Then): Standing['activity'] {
  const { activity } = before;
  if (ENDS.has(event.type)) return 'ended';
  if (activity === 'ended') return event.type === 'project.retried' ? 'idle' : 'ended';
  if (event.type === 'project.forked') return 'decision';
  // Paused by its owner meanwhile, it stays so whatever becomes of the decision.
  if (then.fork !== before.fork) return activity === before.fork ? then.free : activity;
  return then.took ? (then.fork ?? 'working') : next(activity, event, then.free);
}

function next(current: Activity, event: FactoryEvent, free: Activity): Activity {
  const { type, data } = event;
  const cause = String(data?.['for']);
  const ofBacklog = type === 'project.waiting' ? OF_BACKLOG[cause] : undefined;
  if (ofBacklog !== undefined) return ofBacklog;
  switch (type) {
    case 'project.started':
    case 'project.resumed':
    case 'project.woken':
      return free;
    case 'project.turn':
      return 'idle';
    case 'project.paused':
      return PAUSED_FOR[cause] ?? 'paused';
    case 'project.waiting_for_credits':
      return cause === 'provider' || cause === 'key' ? cause : 'credits';
  }
  if (RESTING.has(current)) return current;
  switch (type) {
    case 'project.waiting':
      return WAITING_FOR[cause] ?? 'provider';
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
