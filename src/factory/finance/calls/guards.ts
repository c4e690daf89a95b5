import { DarkFactoryError } from '../../../lib/failure.ts';
import { formatUsd } from '../../../lib/text/usd.ts';
import { closedText, closedUntil } from '../../config/work-hours.ts';
import type { FinanceState } from '../../model/money/finance.ts';
import type { PaidOutcome } from '../../ports.ts';
import { missingFrom } from '../books/ledger-check.ts';
import { type FinanceDeps, ledgerOf } from '../deps.ts';

/** When providers.yaml cannot be read, look again after this many milliseconds. */
const UNREADABLE_MS = 15_000;

/** A ledger with fewer rows than it had says nothing about what was spent: nothing more is spent on it. */
export async function lostRows(
  deps: FinanceDeps,
  projectId: string,
  { ledger }: FinanceState,
): Promise<PaidOutcome | null> {
  const rows = await ledgerOf(deps, projectId).readAll();
  const usd = missingFrom(rows, ledger);
  if (usd === null) return null;
  const detail =
    `Rows are missing at the end of data/projects/${projectId}/costs.jsonl: it has ${rows.length} of at least ${ledger.rows}, ` +
    `and ${formatUsd(usd)} that was spent stands in it no more. Put the file back from a copy, or go on with df resume, which ` +
    'books that sum as possible.';
  return { kind: 'ledger', detail };
}

/** When calls may begin again by the work hours; `null`: they may now. */
export function opensAt({ config, now }: Pick<FinanceDeps, 'config' | 'now'>): Date | null {
  return closedUntil(config, now());
}

/** Outside the work hours nothing is asked; what runs already is not cut. */
export function outsideHours(
  deps: Pick<FinanceDeps, 'config' | 'now'>,
): Extract<PaidOutcome, { kind: 'wait' }> | null {
  const until = opensAt(deps);
  return until === null
    ? null
    : { kind: 'wait', for: 'hours', until, detail: closedText(deps.config, until) };
}

/** Somebody's slip of the pen in providers.yaml must not end a project: it waits until the file can be read again. */
export async function orWait<T>(
  deps: FinanceDeps,
  read: Promise<T>,
): Promise<T | Extract<PaidOutcome, { kind: 'wait' }>> {
  try {
    return await read;
  } catch (error) {
    if (!(error instanceof DarkFactoryError) || error.code !== 'state_unreadable') throw error;
    const until = new Date(deps.now().getTime() + UNREADABLE_MS);
    return { kind: 'wait', for: 'provider', until, detail: `${error.message}. ${error.hint}` };
  }
}
