import type { AgentState, AgentStatus } from '../../model/agent.ts';
import type { JournalEntry } from '../../model/journal.ts';

type Done = Extract<JournalEntry, { type: 'step_done' }>;

const STATUS_AFTER: Record<Done['outcome'], AgentStatus> = {
  continue: 'thinking',
  interrupted: 'thinking',
  finish: 'waiting_for_quality',
  passed: 'completed',
  blocked: 'blocked',
  fork: 'blocked',
};

/**
 * Brings an agent's state up to its journal, which decides: a crash between the two leaves the state behind.
 *
 * @returns the same object when it is up to date
 */
export function catchUp(agent: AgentState, entries: readonly JournalEntry[]): AgentState {
  const done = entries.findLast((entry): entry is Done => entry.type === 'step_done');
  if (done === undefined || done.step < agent.nextStep) return agent;
  const { blockedReason: _reason, ...rest } = agent;
  return {
    ...rest,
    nextStep: done.step + 1,
    epoch: done.epoch,
    status: STATUS_AFTER[done.outcome],
    gateRound: entries.filter((entry) => entry.type === 'note' && entry.key.startsWith('gate-')).length,
    ...(done.outcome === 'blocked' ? { blockedReason: done.reason ?? 'It could make no progress.' } : {}),
  };
}

/** What the agent said at its end: the summary of its newest `finish`. */
export function lastSummary(entries: readonly JournalEntry[]): string | null {
  for (const entry of [...entries].reverse()) {
    if (entry.type !== 'reply') continue;
    for (const part of entry.message.parts) {
      if (part.type !== 'tool_call' || part.name !== 'finish') continue;
      const summary = readSummary(part.arguments);
      if (summary !== null) return summary;
    }
  }
  return null;
}

function readSummary(text: string): string | null {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null || !('summary' in parsed)) return null;
    return typeof parsed.summary === 'string' ? parsed.summary : null;
  } catch {
    return null; // Malformed arguments were answered with an error when the call was made.
  }
}
