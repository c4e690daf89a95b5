import type { CostEntry, Usage } from '../../model/money/finance.ts';

/** Sums over some requests. Costs in USD. */
export interface CostSum {
  requests: number;
  tokensUsed: number;
  /** What is known to be billed. */
  cost: number;
  /** The worst case of requests whose reply was lost: perhaps billed, on top of `cost`. */
  possible: number;
  usage: Usage;
  /** Share of the input that was read from the vendor's cache, from 0 to 1. */
  cacheHitRate: number;
}

/** An entry of a ledger; read as part of a tree, with the project of it that spent the money where that is a descendant. */
export type LedgerEntry = CostEntry & { projectId?: string };

export type CostGroup<Key extends string> = { [K in Key]: string } & CostSum;

/** What `df costs --json` prints. */
export interface CostSummary {
  projectId: string;
  /** Known cost, without `possibleSpent`. */
  totalSpent: number;
  possibleSpent: number;
  tokensUsed: number;
  cacheHitRate: number;
  byProvider: CostGroup<'provider'>[];
  /** Of providers that were of a tier when they were asked. */
  byTier: CostGroup<'tier'>[];
  byModel: CostGroup<'model'>[];
  byPersona: CostGroup<'persona'>[];
  byTask: CostGroup<'taskId'>[];
  byOperation: CostGroup<'operation'>[];
  /** In order of time; the key is the start of the hour in ISO 8601. */
  byHour: CostGroup<'hour'>[];
  entries: LedgerEntry[];
}

/** What one project of a tree has spent itself. Costs in USD. */
export interface BranchCosts {
  projectId: string;
  name: string;
  workBranch: string;
  /** Of a child. */
  option?: string;
  /** Known cost, without `possibleSpent`. */
  totalSpent: number;
  possibleSpent: number;
  tokensUsed: number;
}

/** The costs of a project and of all that was forked from it. */
export interface TreeCosts extends CostSummary {
  /** One for each project of the tree, the asked one first; their sums are those of the whole. */
  branches: BranchCosts[];
}

/**
 * Of several rows with one request id the one that counts: a known cost before a possible one, else the first. A worker
 * that was taken for dead and came back with the reply leaves two such rows.
 */
export function countedEntries(rows: readonly LedgerEntry[]): LedgerEntry[] {
  const counted = new Map<string, LedgerEntry>();
  for (const row of rows) {
    const known = counted.get(row.requestId);
    if (known === undefined || (known.possible && !row.possible)) counted.set(row.requestId, row);
  }
  return [...counted.values()];
}

/** @param rows the ledger as it is read, duplicates included */
export function summariseCosts(projectId: string, rows: readonly LedgerEntry[]): CostSummary {
  const entries = countedEntries(rows);
  const all = sumOf(entries);
  return {
    projectId,
    totalSpent: all.cost,
    possibleSpent: all.possible,
    tokensUsed: all.tokensUsed,
    cacheHitRate: all.cacheHitRate,
    byProvider: groupBy(entries, 'provider', (entry) => entry.provider),
    byTier: groupBy(
      entries.filter(({ tier }) => tier !== undefined),
      'tier',
      (entry) => entry.tier ?? '-',
    ),
    byModel: groupBy(entries, 'model', (entry) => entry.model),
    byPersona: groupBy(entries, 'persona', (entry) => entry.persona ?? '-'),
    byTask: groupBy(entries, 'taskId', (entry) => entry.taskId ?? '-'),
    byOperation: groupBy(entries, 'operation', (entry) => entry.operation),
    byHour: groupBy(entries, 'hour', hourOf).sort((a, b) => a.hour.localeCompare(b.hour)),
    entries,
  };
}

/** Dearest first. */
function groupBy<Key extends string>(
  entries: readonly CostEntry[],
  key: Key,
  nameOf: (entry: CostEntry) => string,
): CostGroup<Key>[] {
  const groups = new Map<string, CostEntry[]>();
  for (const entry of entries) {
    const name = nameOf(entry);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [entry]);
    else group.push(entry);
  }
  const named = (name: string) => ({ [key]: name }) as { [K in Key]: string };
  return [...groups]
    .map(([name, group]) => ({ ...named(name), ...sumOf(group) }))
    .sort((a, b) => b.cost + b.possible - (a.cost + a.possible));
}

function sumOf(entries: readonly CostEntry[]): CostSum {
  const usage: Usage = { input: 0, cacheWrite: 0, cacheRead: 0, output: 0 };
  let cacheWriteLong = 0;
  // In billionths of a dollar, so that ten times $0.10 is $1.00.
  let cost = 0;
  let possible = 0;
  let tokensUsed = 0;
  for (const entry of entries) {
    const nano = Math.round(entry.cost * 1e9);
    if (entry.possible) possible += nano;
    else cost += nano;
    tokensUsed += entry.tokensUsed;
    usage.input += entry.usage?.input ?? 0;
    usage.cacheWrite += entry.usage?.cacheWrite ?? 0;
    cacheWriteLong += entry.usage?.cacheWriteLong ?? 0;
    usage.cacheRead += entry.usage?.cacheRead ?? 0;
    usage.output += entry.usage?.output ?? 0;
  }
  if (cacheWriteLong > 0) usage.cacheWriteLong = cacheWriteLong;
  const input = usage.input + usage.cacheWrite + cacheWriteLong + usage.cacheRead;
  return {
    requests: entries.length,
    tokensUsed,
    cost: cost / 1e9,
    possible: possible / 1e9,
    usage,
    cacheHitRate: input === 0 ? 0 : usage.cacheRead / input,
  };
}

function hourOf({ timestamp }: CostEntry): string {
  return `${timestamp.toISOString().slice(0, 13)}:00:00.000Z`;
}
