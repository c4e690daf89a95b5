import type { CostEntry, FinanceState } from '../../model/money/finance.ts';
import { countedEntries } from './costs.ts';

/** What a ledger holds, as it is kept beside it. */
export function ledgerMark(rows: readonly CostEntry[]): FinanceState['ledger'] {
  const nano = countedEntries(rows).reduce((sum, { cost }) => sum + Math.round(cost * 1e9), 0);
  return { rows: rows.length, usd: nano / 1e9 };
}

/**
 * USD that stood in a ledger and stand there no more. A ledger only grows, so fewer rows than were counted once mean that
 * some were lost, and with them the memory of money that was spent.
 *
 * @returns `null` when no row is missing
 */
export function missingFrom(rows: readonly CostEntry[], before: FinanceState['ledger']): number | null {
  return rows.length < before.rows ? Math.max(0, before.usd - ledgerMark(rows).usd) : null;
}
