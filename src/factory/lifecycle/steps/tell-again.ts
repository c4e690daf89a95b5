import { isSameProcess } from '../../agent/memory/crashes.ts';
import { untold } from '../../agent/turn/retold.ts';
import type { StepId } from '../../model/agent-id.ts';
import { AUDITOR } from '../../model/agents.ts';
import type { Holder, JournalEntry } from '../../model/journal.ts';
import type { JournalWriter, StateStore } from '../../ports.ts';
import type { CrashDeps } from './crash-loop.ts';

export interface TellAgainDeps extends Pick<CrashDeps, 'holder' | 'liveness'> {
  state: Pick<StateStore, 'journal' | 'events'>;
}

type Lease = Extract<JournalEntry, { type: 'lease' }>;

/**
 * Puts into the audit log what workers that were killed had gathered and not written: whoever follows one in a journal tells it from
 * there, once each. Costs a look at the journal's leases where this process had the last one, or whoever had it lives.
 *
 * @param writer of the lease that was just taken. Missing: the project ends, and nobody is at work
 */
export async function tellAgain(
  deps: TellAgainDeps,
  { projectId, persona }: Pick<StepId, 'projectId' | 'persona'>,
  writer?: Pick<JournalWriter, 'epoch' | 'check'>,
): Promise<void> {
  // What judges say is no event: it stands in the verdict.
  if (persona === AUDITOR) return;
  const entries = await deps.state.journal(projectId, persona).entries();
  const self = await deps.holder();
  const name = `${projectId}/${persona}`;
  const isDead = deadAmong(deps);
  let isNew = false;
  for (const lease of entries.toReversed()) {
    if (lease.type !== 'lease' || lease.epoch >= (writer?.epoch ?? Number.POSITIVE_INFINITY)) continue;
    // Up to here this process has looked before, when it took that lease.
    if (isSameProcess(lease.holder, self) && lease.holder.job !== undefined) break;
    if (lease.holder.of === name && (await isDead(lease.holder))) {
      isNew = true;
      break;
    }
  }
  if (!isNew) return;
  const lost = new Set<Lease>();
  for (const entry of entries)
    if (entry.type === 'lease' && entry.holder.of === name && (await isDead(entry.holder))) lost.add(entry);
  const events = deps.state.events(projectId);
  const missing = untold({ projectId, persona }, entries, (lease) => lost.has(lease), await events.readAll());
  await writer?.check();
  if (missing.length > 0) await events.append(...missing);
}

/** Asks once for each. */
function deadAmong({ liveness }: TellAgainDeps): (holder: Holder) => Promise<boolean> {
  const known = new Map<string, Promise<boolean>>();
  return (holder) => {
    const key = `${holder.host} ${holder.pid} ${holder.startedAt}`;
    const dead = known.get(key) ?? liveness(holder).then((found) => found === 'dead');
    known.set(key, dead);
    return dead;
  };
}
