import { countedEntries } from '../../factory/finance/books/costs.ts';
import type { CostEntry } from '../../factory/model/money/finance.ts';
import type { Project } from '../../factory/model/project.ts';
import type { Services } from '../../services.ts';
import type { Metric } from './exposition.ts';

/** Sums that never fall: what is only possible may turn out to be less, so it is not among them. */
export interface Spend {
  /** USD by provider. */
  usd: ReadonlyMap<string, number>;
  /** Failed calls by provider and kind (`main outage`). */
  failed: ReadonlyMap<string, number>;
}

export function spendOf(rows: readonly CostEntry[], failed: Readonly<Record<string, number>> = {}): Spend {
  const known = countedEntries(rows).filter(({ possible }) => !possible);
  return {
    usd: summed(known.map(({ provider, cost }) => [provider, cost])),
    failed: new Map(Object.entries(failed)),
  };
}

export function addSpend(parts: readonly Spend[]): Spend {
  return {
    usd: summed(parts.flatMap(({ usd }) => [...usd])),
    failed: summed(parts.flatMap(({ failed }) => [...failed])),
  };
}

/** A project that was removed, or whose ledger was cut, has spent what it has spent. */
export function neverLess(before: Spend, now: Spend): Spend {
  return { usd: highest(before.usd, now.usd), failed: highest(before.failed, now.failed) };
}

function highest(before: ReadonlyMap<string, number>, now: ReadonlyMap<string, number>): Map<string, number> {
  const names = new Set([...before.keys(), ...now.keys()]);
  return new Map([...names].map((name) => [name, Math.max(before.get(name) ?? 0, now.get(name) ?? 0)]));
}

function summed(entries: readonly (readonly [string, number])[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [name, value] of entries) sums.set(name, (sums.get(name) ?? 0) + value);
  return sums;
}

/** Of one project. One that is over is read once. */
export async function projectSpend(
  { state }: Pick<Services, 'state'>,
  { id }: Pick<Project, 'id'>,
): Promise<Spend> {
  const [rows, { failedCalls }] = await Promise.all([state.costs(id).readAll(), state.finance(id).get()]);
  return spendOf(rows, failedCalls);
}

export function ofSpend({ usd, failed }: Spend): Metric[] {
  return [
    {
      type: 'counter',
      name: 'df_cost_usd_total',
      help: 'Spent by provider, over all projects and probes, as far as it is known',
      samples: [...usd].map(([provider, value]) => ({ labels: { provider }, value })),
    },
    {
      type: 'counter',
      name: 'df_calls_failed_total',
      help: 'Calls of models that failed, by provider and kind of failure, over all projects',
      samples: [...failed].map(([name, value]) => {
        const [provider = '', kind = ''] = name.split(' ');
        return { labels: { provider, kind }, value };
      }),
    },
  ];
}
