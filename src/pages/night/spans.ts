/** What a row of the night shows: many activities in few colours. */
import type { Activity } from '../../factory/report/time-spent.ts';

export type GroupId = 'work' | 'gates' | 'waiting' | 'you' | 'asleep';

export const GROUPS: readonly { id: GroupId; name: string; of: readonly Activity[] }[] = [
  { id: 'work', name: 'working', of: ['working', 'setup', 'sealing'] },
  { id: 'gates', name: 'gates and audits', of: ['gates', 'audits'] },
  { id: 'waiting', name: 'waiting', of: ['rate', 'provider', 'disk', 'decision'] },
  { id: 'you', name: 'waiting for you', of: ['credits', 'budget', 'paused'] },
  { id: 'asleep', name: 'nobody at work', of: ['idle'] },
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

/** At most as many ticks fit below a narrow page. */
const MOST_TICKS = 5;

/** Full hours between two moments, few enough to be read. */
export function hoursBetween(begin: number, end: number): number[] {
  const steps = [1, 2, 3, 6, 12, 24, 72].map((hours) => hours * 3_600_000);
  const step = steps.find((each) => (end - begin) / each <= MOST_TICKS) ?? 168 * 3_600_000;
  const first = new Date(begin);
  first.setMinutes(0, 0, 0);
  const ticks: number[] = [];
  for (let at = first.getTime() + 3_600_000; at < end && ticks.length < 24; at += step) ticks.push(at);
  return ticks;
}
