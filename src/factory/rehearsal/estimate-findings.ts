import { formatDuration } from '../../lib/duration.ts';
import { formatUsd } from '../../lib/text/usd.ts';
import type { Estimate, Total } from '../history/estimate.ts';
import type { Project } from '../model/project.ts';
import { error, type Finding, info, warn } from './finding.ts';

/** What the owner lets a night take. */
export interface Allowed {
  /** Of the work hours, in milliseconds; `null`: at any time. */
  hoursMs: number | null;
  /** As config.yaml says it. */
  workHours?: string | undefined;
  /** USD that all projects may spend in a day. */
  perDay?: number | undefined;
}

type Asked = Pick<Project, 'maxRuntime' | 'settings'>;

/** What finished projects like this one took, against what this one may take. Pure. */
export function estimateFindings(
  { cost, activeMs, projects }: Estimate,
  { maxRuntime, settings: { budget } }: Asked,
  { hoursMs, workHours }: Allowed,
): Finding[] {
  if (cost === null || activeMs === null)
    return [
      info(
        'Nothing can be said of its cost and time: no project has come to its end here',
        budget === undefined ? 'Cap it with a budget' : 'Nothing: its budget caps it',
      ),
    ];
  const like = `${projects === 1 ? 'the one finished project' : `${projects} finished projects`} like it`;
  const money =
    budget === undefined
      ? []
      : tooSmall(
          cost,
          budget,
          `Its budget is ${formatUsd(budget)}`,
          formatUsd,
          like,
          'Raise its budget, or let it do less',
        );
  const time = tooSmall(
    activeMs,
    maxRuntime,
    `It may work for ${formatDuration(maxRuntime)}`,
    formatDuration,
    like,
    'Raise its maximum runtime (maxRuntime), or let it do less',
  );
  const hours =
    hoursMs === null
      ? []
      : tooSmall(
          activeMs,
          hoursMs,
          `The work hours are ${formatDuration(hoursMs)} (${workHours})`,
          formatDuration,
          like,
          'Make workHours longer, or expect it to go on the next night',
        );
  return [...money, ...time, ...hours];
}

function tooSmall(
  { median, p90 }: { median: number; p90: number },
  allowed: number,
  what: string,
  format: (figure: number) => string,
  like: string,
  remedy: string,
): Finding[] {
  if (p90 <= allowed) return [];
  if (median <= allowed)
    return [warn(`${what}, and one of ten of ${like} took more than that (${format(p90)})`, remedy)];
  const middle = median === p90 ? '' : ' in the middle';
  return [error(`${what}, and ${like} took ${format(median)}${middle}`, remedy)];
}

/**
 * All projects together against the night. Pure.
 *
 * @param atOnce how many are worked on side by side
 */
export function nightFindings(
  { cost, activeMs, projects }: Total,
  { hoursMs, workHours, perDay }: Allowed,
  atOnce: number,
): Finding[] {
  const found: Finding[] = [];
  if (projects < 2) return found;
  if (activeMs !== null && hoursMs !== null) {
    const { median } = activeMs;
    const takes = median / Math.max(1, Math.min(atOnce, projects));
    if (takes > hoursMs)
      found.push(
        warn(
          `All ${projects} together work for about ${formatDuration(median)}, and the hours (${workHours}) are ${formatDuration(hoursMs)}, ${atOnce} projects side by side`,
          'Make workHours longer, start more workers, or expect the rest to go on the next night',
        ),
      );
  }
  if (cost !== null && perDay !== undefined && cost.median > perDay)
    found.push(
      warn(
        `All ${projects} together cost about ${formatUsd(cost.median)}, and all projects may spend ${formatUsd(perDay)} a day (budgets.perDay)`,
        'Raise budgets.perDay, or expect the rest to wait for the next day',
      ),
    );
  return found;
}
