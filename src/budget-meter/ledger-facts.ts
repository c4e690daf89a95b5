import { countedEntries } from '../factory/finance/books/costs.ts';
import { missingFrom } from '../factory/finance/books/ledger-check.ts';
import { FACTORY } from '../factory/finance/deps.ts';
import { journalsOf } from '../factory/model/agents.ts';
import type { JournalEntry } from '../factory/model/journal.ts';
import { type CostEntry, tokensOf } from '../factory/model/money/finance.ts';
import type { LogStore, StateStore } from '../factory/ports.ts';
import type { FactSource, FactVisitor } from './meter-facts.ts';

export interface FactSourceDeps {
  state: Pick<StateStore, 'listProjects' | 'listOpenProjects' | 'costs' | 'finance' | 'journal'>;
  /** data/costs.jsonl. */
  factoryCosts: LogStore<CostEntry>;
}

/** Projects read at once: enough to keep the disk busy, few enough to leave file handles to others. */
const AT_ONCE = 8;

/**
 * What was spent, from the ledgers of all projects and the factory's own; and what may still be on its way, from the
 * journals of the projects that are not over.
 *
 * Throws what reading a ledger or journal throws: an account that cannot be read is not an account of nothing. The ledger
 * of a project whose project.yaml is unreadable is read all the same. What stood in the ledger of an open project and is missing
 * there is spent all the same. A child's journal begins with its parent's: what is
 * older than the child, or stands in the ledger of an ancestor, is not counted again.
 */
export function createFactSource({ state, factoryCosts }: FactSourceDeps): FactSource {
  return async (visit) => {
    const { projects, unreadable } = await state.listProjects();
    const parents = new Map(projects.map(({ id, parentProjectId }) => [id, parentProjectId]));
    const open = new Map((await state.listOpenProjects()).map((project) => [project.id, project]));
    const ids = new Set([...projects, ...unreadable, ...open.values()].map(({ id }) => id));

    visitLedger(visit, FACTORY, await factoryCosts.readAll());
    await eachOf([...ids], AT_ONCE, async (id) => {
      const rows = await state.costs(id).readAll();
      const booked = visitLedger(visit, id, rows);
      const project = open.get(id);
      if (project === undefined) return;
      const { ledger, currentProviderId } = await state.finance(id).get();
      const missing = missingFrom(rows, ledger);
      if (missing !== null) {
        const providerId = currentProviderId ?? 'unknown';
        const lost = { requestId: `missing-${id}`, providerId, projectId: id, usd: missing };
        visit.spent({ ...lost, tokens: 0, possible: true, at: project.updatedAt });
      }
      // One that was removed has no ledger any more.
      for (const ancestor of ancestorsOf(id, parents).filter((each) => ids.has(each)))
        for (const { requestId } of await state.costs(ancestor).readAll()) booked.add(requestId);
      const since = project.parentProjectId === undefined ? 0 : project.createdAt.getTime();
      for (const name of journalsOf(project)) {
        const own = (await state.journal(id, name).entries()).filter(({ at }) => Date.parse(at) >= since);
        visitJournal(visit, id, booked, own);
      }
    });
  };
}

/** USD spent on each provider, all or since a moment, what is only possible included. Throws what reading a ledger or journal throws. */
export async function sumByProvider(deps: FactSourceDeps, since = new Date(0)): Promise<Map<string, number>> {
  const sums = new Map<string, number>();
  const nothing = () => undefined;
  await createFactSource(deps)({
    spent({ providerId, usd, at }) {
      if (at >= since) sums.set(providerId, (sums.get(providerId) ?? 0) + usd);
    },
    open: nothing,
    failed: nothing,
  });
  return sums;
}

/** Parent first. A ring, which only a forged file can make, ends where it closes. */
function ancestorsOf(id: string, parents: ReadonlyMap<string, string | undefined>): string[] {
  const found: string[] = [];
  for (let at = parents.get(id); at !== undefined && at !== id && !found.includes(at); at = parents.get(at))
    found.push(at);
  return found;
}

/** @returns the ids of all requests that are booked */
function visitLedger(visit: FactVisitor, projectId: string, rows: readonly CostEntry[]): Set<string> {
  const counted = countedEntries(rows);
  for (const row of counted) {
    visit.spent({
      requestId: row.requestId,
      providerId: row.provider,
      projectId,
      usd: row.cost,
      tokens: row.usage === undefined ? row.tokensUsed : tokensOf(row.usage),
      possible: row.possible,
      at: row.timestamp,
    });
  }
  return new Set(counted.map(({ requestId }) => requestId));
}

/** Requests that are in no ledger: open ones hold what was reserved, replied ones what they cost, failed ones nothing. */
function visitJournal(
  visit: FactVisitor,
  projectId: string,
  booked: ReadonlySet<string>,
  entries: readonly JournalEntry[],
): void {
  const costs = new Map<string, number>();
  const failed = new Set<string>();
  for (const entry of entries) {
    if (entry.type === 'reply') costs.set(entry.requestId, entry.cost);
    if (entry.type === 'request_failed') failed.add(entry.requestId);
  }
  for (const entry of entries) {
    if (entry.type !== 'request' || booked.has(entry.requestId)) continue;
    const { requestId, provider: providerId } = entry;
    const at = new Date(entry.at);
    if (failed.has(requestId)) visit.failed({ requestId, providerId, at });
    else visit.open({ requestId, providerId, projectId, usd: costs.get(requestId) ?? entry.reserved, at });
  }
}

/** Works through the items, so many at a time; the first failure ends it. */
async function eachOf<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
