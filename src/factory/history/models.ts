import { isFailure } from '../../lib/failure.ts';
import { countedEntries } from '../finance/books/costs.ts';
import type { QualityReport } from '../model/gates/gate-report.ts';
import type { CostEntry } from '../model/money/finance.ts';
import type { Tier } from '../model/money/tier.ts';
import type { Task } from '../model/task.ts';
import type { StateStore, UnreadableProject } from '../ports.ts';
import { dearest } from './finished.ts';

/** What a model came to, over all projects; of each tier that it was of by itself. */
export interface ModelRecord {
  model: string;
  /** Missing: it was of none. */
  tier?: Tier;
  /** USD, also what was spent on tasks that were never proved. */
  cost: number;
  /** USD that may have been billed on top of it, without a reply. */
  possible: number;
  requests: number;
  provedTasks: number;
  /** Gates that failed after its work. */
  redGates: number;
  /** USD of `cost`; `null` without any. */
  costPerProvedTask: number | null;
}

type State = Pick<StateStore, 'listProjects' | 'costs' | 'tasks' | 'gates'>;

/**
 * A task is the model's on which most was spent for it, a gate the one's that worked last before it. The dearest first.
 *
 * @returns what could be counted, and the projects that could not
 */
export async function modelRecords(
  state: State,
): Promise<{ records: ModelRecord[]; unreadable: UnreadableProject[] }> {
  const records = new Map<string, Omit<ModelRecord, 'costPerProvedTask'>>();
  const of = ({ model, tier }: Pick<CostEntry, 'model' | 'tier'>) => {
    const key = keyOf({ model, tier });
    const none = { cost: 0, possible: 0, requests: 0, provedTasks: 0, redGates: 0 };
    const record = records.get(key) ?? { model, ...(tier === undefined ? {} : { tier }), ...none };
    records.set(key, record);
    return record;
  };
  // A branch takes over its parent's journal, so a request may stand in both ledgers.
  const seen = new Set<string>();
  const { projects, unreadable } = await state.listProjects();
  for (const { id } of projects) {
    const material = await materialOf(state, id);
    if ('problem' in material) {
      unreadable.push(material);
      continue;
    }
    const { ledger, tasks, gates } = material;
    const entries = countedEntries(ledger).filter(({ requestId }) => !seen.has(requestId));
    for (const entry of entries) {
      seen.add(entry.requestId);
      const record = of(entry);
      if (entry.possible) record.possible += entry.cost;
      else record.cost += entry.cost;
      record.requests += 1;
    }
    for (const task of tasks) {
      const spent = task.status === 'completed' ? entries.filter(({ taskId }) => taskId === task.id) : [];
      const most = mostSpent(spent);
      if (most !== undefined) of(most).provedTasks += 1;
    }
    for (const { passed, timestamp } of gates) {
      const last = passed ? undefined : entries.findLast((each) => each.timestamp <= timestamp);
      if (last !== undefined) of(last).redGates += 1;
    }
  }
  const all = [...records.values()].map((record) => ({
    ...record,
    costPerProvedTask: record.provedTasks === 0 ? null : record.cost / record.provedTasks,
  }));
  return { records: all.sort((a, b) => b.cost + b.possible - (a.cost + a.possible)), unreadable };
}

interface Material {
  ledger: CostEntry[];
  tasks: Task[];
  gates: QualityReport[];
}

async function materialOf(state: State, id: string): Promise<Material | UnreadableProject> {
  try {
    const [ledger, { tasks }, gates] = await Promise.all([
      state.costs(id).readAll(),
      state.tasks(id).get(),
      state.gates(id).list(),
    ]);
    return { ledger, tasks, gates };
  } catch (error) {
    if (!isFailure(error)) throw error;
    return { id, problem: error.message };
  }
}

const keyOf = ({ model, tier = '' }: { model: string; tier?: string | undefined }) => `${tier} ${model}`;

/** A request of the model and tier on which most was spent. */
function mostSpent(entries: readonly CostEntry[]): CostEntry | undefined {
  const key = dearest(entries.map((each) => ({ name: keyOf(each), cost: each.cost })));
  return entries.find((each) => keyOf(each) === key);
}
