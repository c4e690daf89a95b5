import type { StateStore } from '../../ports.ts';
import { ledgerMark, missingFrom } from './ledger-check.ts';

/**
 * Its owner lets a project go on: providers that failed at its calls get another chance, and what is missing in its ledger is
 * booked as one possible cost, so that it stays money that was spent.
 */
export async function freshStart(
  state: Pick<StateStore, 'finance' | 'costs'>,
  projectId: string,
  { now, newId }: { now(): Date; newId(): string },
): Promise<void> {
  const { ledger, currentProviderId, setbacks } = await state.finance(projectId).get();
  const rows = await state.costs(projectId).readAll();
  const missing = missingFrom(rows, ledger);
  if (missing === null && setbacks.length === 0) return;
  if (missing !== null && missing > 0) {
    await state.costs(projectId).append({
      timestamp: now(),
      provider: currentProviderId ?? 'unknown',
      model: 'unknown',
      operation: 'chat',
      requestId: `missing-${newId()}`,
      tokensUsed: 0,
      cost: missing,
      possible: true,
    });
  }
  const mark = missing === null ? ledger : ledgerMark(await state.costs(projectId).readAll());
  await state
    .finance(projectId)
    .update((current) => ({ ...current, setbacks: [], ...(missing === null ? {} : { ledger: mark }) }));
}
