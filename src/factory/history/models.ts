import { countedEntries } from '../finance/books/costs.ts';
import type { CostEntry } from '../model/finance.ts';
import type { StateStore } from '../ports.ts';
import { mostSpentOn } from './finished.ts';

/** What a model came to, over all projects. */
export interface ModelRecord {
  model: string;
  /** USD, also what was spent on tasks that were never proved. */
  cost: number;
  requests: number;
  provedTasks: number;
  /** Gates that failed after its work. */
  redGates: number;
  /** USD; `null` without any. */
  costPerProvedTask: number | null;
}

type State = Pick<StateStore, 'listProjects' | 'costs' | 'tasks' | 'gates'>;

/**
 * A task is the model's on which most was spent for it, a gate the one's that worked last before it. The dearest first.
 */
export async function modelRecords(state: State): Promise<ModelRecord[]> {
  const records = new Map<string, Omit<ModelRecord, 'costPerProvedTask'>>();
  const of = (model: string) => {
    const record = records.get(model) ?? { model, cost: 0, requests: 0, provedTasks: 0, redGates: 0 };
    records.set(model, record);
    return record;
  };
  // A branch takes over its parent's journal, so a request may stand in both ledgers.
  const seen = new Set<string>();
  for (const { id } of (await state.listProjects()).projects) {
    const [ledger, { tasks }, gates] = await Promise.all([
      state.costs(id).readAll(),
      state.tasks(id).get(),
      state.gates(id).list(),
    ]);
    const entries = countedEntries(ledger).filter(({ requestId }) => !seen.has(requestId));
    for (const { requestId, model, cost } of entries) {
      seen.add(requestId);
      const record = of(model);
      record.cost += cost;
      record.requests += 1;
    }
    for (const task of tasks) {
      const model =
        task.status === 'completed' ? mostSpentOn(entries.filter(({ taskId }) => taskId === task.id)) : null;
      if (model !== null) of(model).provedTasks += 1;
    }
    for (const { passed, timestamp } of gates) {
      const model = passed ? null : lastBefore(entries, timestamp);
      if (model !== null) of(model).redGates += 1;
    }
  }
  return [...records.values()]
    .map((record) => ({
      ...record,
      costPerProvedTask: record.provedTasks === 0 ? null : record.cost / record.provedTasks,
    }))
    .sort((a, b) => b.cost - a.cost);
}

function lastBefore(entries: readonly CostEntry[], moment: Date): string | null {
  return entries.findLast(({ timestamp }) => timestamp <= moment)?.model ?? null;
}
