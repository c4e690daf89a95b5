/** What a row of the night shows: many activities in few colours. */
import type { Activity } from '../../factory/report/standing.ts';

export type GroupId = 'work' | 'gates' | 'waiting' | 'you' | 'asleep';

export const GROUPS: readonly { id: GroupId; name: string; of: readonly Activity[] }[] = [
  { id: 'work', name: 'working', of: ['working', 'setup', 'sealing'] },
  { id: 'gates', name: 'gates and audits', of: ['gates', 'audits'] },
  {
    id: 'waiting',
    name: 'waiting',
    of: ['rate', 'provider', 'disk', 'decision', 'hours', 'turn', 'project'],
  },
  { id: 'you', name: 'waiting for you', of: ['key', 'credits', 'budget', 'paused'] },
  { id: 'asleep', name: 'asleep, or nobody at work', of: ['asleep', 'worker', 'idle'] },
];

export function groupOf(activity: Activity): GroupId {
  return GROUPS.find(({ of }) => of.includes(activity))?.id ?? 'waiting';
}

/** How long each group took, in their order; none that took no time. Milliseconds. */
export function lengths(
  spans: readonly { activity: Activity; from: string; to: string }[],
): { name: string; ms: number }[] {
  return GROUPS.map(({ id, name }) => ({
    name,
    ms: spans
      .filter(({ activity }) => groupOf(activity) === id)
      .reduce((sum, { from, to }) => sum + Date.parse(to) - Date.parse(from), 0),
  })).filter(({ ms }) => ms >= 1_000);
}

/** Six in the evening of the day before, in the zone of whoever looks. */
export function eveningBefore(now: Date): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1, 18);
}

/** Yesterday evening, or so many hours ago. */
export type Since = 'evening' | '1' | '24' | '72';

export function beginOf(since: Since, now: Date): Date {
  return since === 'evening' ? eveningBefore(now) : new Date(now.getTime() - Number(since) * 60 * MINUTE_MS);
}

/** At most as many ticks fit above a narrow page. */
const MOST_TICKS = 5;
const MINUTE_MS = 60_000;
const STEPS = [1, 5, 15, 30, 60, 120, 180, 360, 720, 1_440, 4_320];

/** Full minutes or hours between two moments, few enough to be read. */
export function ticksBetween(begin: number, end: number): number[] {
  const minutes = STEPS.find((each) => (end - begin) / (each * MINUTE_MS) <= MOST_TICKS) ?? 10_080;
  const first = new Date(begin);
  first.setMinutes(minutes < 60 ? first.getMinutes() - (first.getMinutes() % minutes) : 0, 0, 0);
  const step = minutes * MINUTE_MS;
  const ticks: number[] = [];
  const start = first.getTime() < begin ? first.getTime() + Math.min(step, 60 * MINUTE_MS) : first.getTime();
  for (let at = start; at < end; at += step) ticks.push(at);
  return ticks;
}
