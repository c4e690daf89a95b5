import { summariseCosts } from '../finance/books/costs.ts';
import { activeTime } from '../model/active-time.ts';
import type { Report, ReportMaterial } from './report-types.ts';
import { timeSpent } from './time-spent.ts';

/** Where the time went. Milliseconds. */
export function measureTime(
  { project, agents, gates, events, absences }: ReportMaterial,
  now: Date,
): Report['time'] {
  const { startTime, endTime, maxRuntime } = project;
  return {
    activeMs: activeTime(project, agents),
    gatesMs: gates.reduce((sum, gate) => sum + gate.durationMs, 0),
    ...(startTime === undefined || endTime === undefined
      ? {}
      : { elapsedMs: endTime.getTime() - startTime.getTime() }),
    maxRuntime,
    ...timeSpent(project, events, now, absences),
  };
}

export function countMoney({ project, costs }: ReportMaterial): Report['money'] {
  const { totalSpent, possibleSpent, tokensUsed, byProvider, byPersona, byTask } = summariseCosts(
    project.id,
    costs,
  );
  const { budget } = project.settings;
  return {
    totalSpent,
    possibleSpent,
    ...(budget === undefined ? {} : { budget }),
    tokensUsed,
    byProvider,
    byPersona,
    byTask,
  };
}
