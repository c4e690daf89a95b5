import { ACTIVITIES, ACTIVITY_NAMES } from '../../../../factory/report/standing.ts';
import type { TimeSpent } from '../../../../factory/report/time-spent.ts';
import { formatDuration } from '../../../../lib/duration.ts';

/** Where the time went since the start; no row before it. */
export function timeRows({ wallMs, spent }: TimeSpent): [string, string][] {
  if (wallMs === 0) return [];
  const parts = ACTIVITIES.filter((each) => spent[each] > 0)
    .sort((a, b) => spent[b] - spent[a])
    .map((each) => `${ACTIVITY_NAMES[each]} ${formatDuration(spent[each])}`);
  return [['Time spent', `${formatDuration(wallMs)} since the start: ${parts.join(', ')}`]];
}
