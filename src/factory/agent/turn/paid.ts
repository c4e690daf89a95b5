import type { JournalRecord } from '../../model/journal.ts';
import type { AssistantMessage, ChatMessage } from '../../model/message.ts';
import { tokensOf } from '../../model/money/finance.ts';
import type { PaidCall, PaidOutcome } from '../../ports.ts';
import { textOf, toolCalls, withUniqueCallIds } from '../memory/conversation.ts';
import type { JournalSession } from '../memory/memory-types.ts';
import type { TurnDeps, TurnOutcome } from './turn-types.ts';

/** Who pays for a turn's calls, and where they are written down. `notes` are written together with the first request. */
export function callbacks(
  { projectId, persona, taskId, avoidProvider, escalation, watch }: TurnDeps,
  session: JournalSession,
  notes: readonly JournalRecord[] = [],
): Pick<
  PaidCall,
  | 'projectId'
  | 'persona'
  | 'step'
  | 'taskId'
  | 'avoidProvider'
  | 'escalatedTo'
  | 'held'
  | 'opened'
  | 'failed'
  | 'replied'
> {
  return {
    projectId,
    persona,
    ...(taskId === undefined ? {} : { taskId }),
    ...(avoidProvider === undefined ? {} : { avoidProvider }),
    ...(escalation === undefined ? {} : { escalatedTo: escalation.to }),
    ...(session.memory.held === undefined ? {} : { held: session.memory.held }),
    ...withBooks(session, {
      ...{ notes, escalation, write: session.write },
      ...(watch === undefined ? {} : { watch }),
    }),
  };
}

/**
 * The books of paid calls: request, failure and reply stand in the journal before they count. Ids of calls in a reply are made
 * unique in its conversation.
 *
 * @param conversation what was said so far, with its length or step as `number`. Default: the journal's own
 * @param beside what is written together with the reply
 * @param write puts the reply into the journal: by default on disk; where nothing is done before that, it is enough that it stands there
 */
export function withBooks(
  session: JournalSession,
  {
    notes = [],
    conversation = () => session.memory.conversation,
    number = session.step,
    beside = () => [],
    write = session.append,
    escalation,
    watch,
  }: {
    notes?: readonly JournalRecord[];
    conversation?(): readonly ChatMessage[];
    number?: number;
    beside?(message: AssistantMessage, provider: string): JournalRecord[];
    write?: JournalSession['write'];
    escalation?: TurnDeps['escalation'] | undefined;
    watch?: TurnDeps['watch'];
  } = {},
): Pick<PaidCall, 'step' | 'opened' | 'failed' | 'replied'> {
  let unwritten = notes;
  return {
    step: session.step,
    async opened(record) {
      const { provider, model, operation, requestId } = record;
      // Summaries of it are another's work anyway.
      const why = operation === 'compaction' ? undefined : escalation?.why;
      const begins = why !== undefined && !session.memory.escalated;
      const escalated = why === undefined ? {} : { escalated: why };
      await session.append(...unwritten, { type: 'request', ...record, ...escalated });
      unwritten = [];
      watch?.({ type: 'request', provider, model, operation });
      if (begins && escalation !== undefined)
        watch?.({ type: 'escalated', requestId, tier: escalation.to, reason: why });
    },
    failed: (record) => session.append({ type: 'request_failed', ...record }),
    async replied(record) {
      const message = withUniqueCallIds(record.message, conversation(), number);
      const { requestId, provider, model, cost, usage } = record;
      await write({ type: 'reply', ...record, message }, ...beside(message, provider));
      const text = textOf(message);
      const calls = toolCalls(message).length;
      watch?.({ type: 'reply', requestId, provider, model, cost, tokens: tokensOf(usage), text, calls });
    },
  };
}

/** Ends of a paid call that end the turn too; the step stays open. */
export function withoutReply(
  outcome: Exclude<PaidOutcome, { kind: 'reply' | 'context' | 'refused' }>,
): TurnOutcome {
  return outcome.kind === 'aborted' ? { kind: 'interrupted' } : outcome;
}
