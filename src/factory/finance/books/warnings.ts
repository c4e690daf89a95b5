import { formatUsd } from '../../../lib/text/usd.ts';
import type { MeterTotals } from '../../ports.ts';
import type { FinanceDeps } from '../deps.ts';

/** Percent of a budget at which the owner is told. */
const MARKS = [50, 80, 95] as const;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

type WarningDeps = Pick<FinanceDeps, 'state' | 'meter' | 'record' | 'config'>;

/** Marks that an amount has reached, none for a budget of zero. */
function marksReached(spent: number, budget: number): number[] {
  // A sum of ten times a tenth must reach the whole.
  return budget > 0 ? MARKS.filter((mark) => spent + 1e-9 >= (budget * mark) / 100) : [];
}

/**
 * Tells of budgets that are half, mostly or nearly spent, once per mark and budget over all workers.
 *
 * The marks of a project's budget are kept in its finance.yaml. Those of the factory's hour and day are kept in Redis for
 * as long as the window is.
 */
export function createWarnings(
  deps: WarningDeps,
): (projectId: string, totals: MeterTotals, budget?: number) => Promise<void> {
  const { perHour, perDay } = deps.config.budgets;

  async function tell(projectId: string, whose: string, spent: number, budget: number, percent: number) {
    await deps.record({
      projectId,
      type: 'budget.warning',
      level: 'warn',
      message: `${percent} % of ${whose} of ${formatUsd(budget)} is spent (${formatUsd(spent)}).`,
      data: { percent, budget, spent },
    });
  }

  async function project(projectId: string, spent: number, budget: number): Promise<void> {
    const reached = marksReached(spent, budget);
    if (reached.length === 0) return;
    const known = (await deps.state.finance(projectId).get()).budgetWarnings;
    if (reached.every((percent) => isKnown(known, budget, percent))) return;
    let fresh: number[] = [];
    await deps.state.finance(projectId).update((current) => {
      fresh = reached.filter((percent) => !isKnown(current.budgetWarnings, budget, percent));
      if (fresh.length === 0) return current;
      const added = fresh.map((percent) => ({ budget, percent }));
      return { ...current, budgetWarnings: [...current.budgetWarnings, ...added] };
    });
    for (const percent of fresh) await tell(projectId, "the project's budget", spent, budget, percent);
  }

  const told = new Map<string, number>();
  async function factory(projectId: string, window: 'hour' | 'day', spent: number, budget?: number) {
    if (budget === undefined) return;
    const span = window === 'hour' ? HOUR_MS : DAY_MS;
    for (const percent of marksReached(spent, budget)) {
      const key = `budget:${window}:${budget}:${percent}`;
      if (Date.now() - (told.get(key) ?? 0) < span) continue;
      told.set(key, Date.now());
      if (await deps.meter.once(key, span)) {
        await tell(projectId, `the factory's budget per ${window}`, spent, budget, percent);
      }
    }
  }

  return async (projectId, totals, budget) => {
    if (budget !== undefined) await project(projectId, totals.projectSpent, budget);
    await factory(projectId, 'hour', totals.lastHour, perHour);
    await factory(projectId, 'day', totals.lastDay, perDay);
  };
}

function isKnown(warnings: readonly { budget: number; percent: number }[], budget: number, percent: number) {
  return warnings.some((each) => each.budget === budget && each.percent === percent);
}
