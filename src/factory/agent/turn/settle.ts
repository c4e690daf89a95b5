import type { StepId } from '../../model/agent-id.ts';
import type { JournalEntry } from '../../model/journal.ts';
import { type CostEntry, tokensOf } from '../../model/money/finance.ts';
import type { JournalWriter, StateStore } from '../../ports.ts';
import { openSession } from '../memory/journal-session.ts';
import { remember } from '../memory/memory.ts';
import type { JournalSession, ReplyRecord } from '../memory/memory-types.ts';
import type { TurnDeps } from './turn-types.ts';

/** Who pays for the requests of a journal. */
export type Payer = Pick<TurnDeps, 'projectId' | 'persona' | 'taskId'> & {
  finance: Pick<TurnDeps['finance'], 'bookLost' | 'bookReply'>;
};

/**
 * Puts the books in order before a step goes on: a request without an end is booked as lost (its worker is gone), and a
 * reply that stands in the journal is booked in case the crash came before the ledger's row. Both count once.
 */
export async function settle(deps: Payer, session: JournalSession): Promise<void> {
  for (const { requestId, provider, model, operation, reserved, step, tier } of session.memory.openRequests) {
    const lost = { requestId, provider, model, operation, reserved, persona: deps.persona, step, tier };
    await deps.finance.bookLost(deps.projectId, lost);
    await session.append({
      type: 'request_failed',
      requestId,
      kind: 'lost',
      detail: 'the worker ended before the reply came; the amount set aside is booked',
    });
  }
  for (const reply of session.memory.replies) {
    await deps.finance.bookReply(deps.projectId, costOf(reply, deps));
  }
}

/**
 * Opens a journal of the factory's own for its next words, with the books in order. Its notes are no messages: they are left to
 * whoever wrote them, so the session remembers leases, requests and replies alone, and stays small.
 *
 * @param writer of a lease that was taken before
 */
export async function openBooks(
  deps: BooksDeps,
  { projectId, persona }: Pick<StepId, 'projectId' | 'persona'>,
  writer: JournalWriter,
): Promise<{ session: JournalSession; entries: readonly JournalEntry[] }> {
  const entries = await deps.state.journal(projectId, persona).entries();
  const memory = remember(entries.filter(({ type }) => type !== 'note'));
  const session = openSession(memory, writer, deps);
  await settle({ projectId, persona, finance: deps.finance }, session);
  return { session, entries };
}

export interface BooksDeps {
  state: Pick<StateStore, 'journal'>;
  finance: Payer['finance'];
  now(): Date;
}

function costOf(reply: ReplyRecord, { persona, taskId }: Payer): CostEntry {
  return {
    timestamp: new Date(reply.at),
    provider: reply.provider,
    model: reply.model,
    tokensUsed: tokensOf(reply.usage),
    cost: reply.cost,
    operation: reply.operation,
    requestId: reply.requestId,
    usage: reply.usage,
    persona,
    step: reply.step,
    ...(taskId === undefined ? {} : { taskId }),
    ...(reply.tier === undefined ? {} : { tier: reply.tier }),
    possible: false,
  };
}
