import { tokensOf } from '../../model/finance.ts';
import type { PaidCall, PaidOutcome } from '../../ports.ts';
import { textOf, toolCalls, withUniqueCallIds } from '../memory/conversation.ts';
import type { JournalRecord } from '../../model/journal.ts';
import type { JournalSession } from '../memory/memory-types.ts';
import type { TurnDeps, TurnOutcome } from './turn-types.ts';

/** Who pays and where it is written down. `notes` are written together with the first request. */
export function callbacks(
  deps: TurnDeps,
  session: JournalSession,
  notes: readonly JournalRecord[] = [],
): Pick<
  PaidCall,
  'projectId' | 'persona' | 'step' | 'taskId' | 'avoidProvider' | 'opened' | 'failed' | 'replied'
> {
  let unwritten = notes;
  return {
    projectId: deps.projectId,
    persona: deps.persona,
    step: session.step,
    ...(deps.taskId === undefined ? {} : { taskId: deps.taskId }),
    ...(deps.avoidProvider === undefined ? {} : { avoidProvider: deps.avoidProvider }),
    async opened(record) {
      await session.append(...unwritten, { type: 'request', ...record });
      unwritten = [];
      const { provider, model, operation } = record;
      deps.watch?.({ type: 'request', provider, model, operation });
    },
    failed: (record) => session.append({ type: 'request_failed', ...record }),
    async replied(record) {
      const message = withUniqueCallIds(record.message, session.memory.conversation, session.step);
      await session.append({ type: 'reply', ...record, message });
      const { provider, model, cost, usage } = record;
      const text = textOf(message);
      const calls = toolCalls(message).length;
      deps.watch?.({ type: 'reply', provider, model, cost, tokens: tokensOf(usage), text, calls });
    },
  };
}

/** Ends of a paid call that end the turn too; the step stays open. */
export function withoutReply(
  outcome: Exclude<PaidOutcome, { kind: 'reply' | 'context' | 'refused' }>,
): TurnOutcome {
  return outcome.kind === 'aborted' ? { kind: 'interrupted' } : outcome;
}
