import type { FactoryEvent, TimedEvent } from '../../model/event.ts';
import type { JournalEntry } from '../../model/journal.ts';
import type { ToolCall } from '../../model/message.ts';
import { tokensOf } from '../../model/money/finance.ts';
import { textOf, toolCalls } from '../memory/conversation.ts';
import type { Entry } from '../memory/memory-types.ts';
import type { TurnEvent } from './turn-types.ts';
import { turnEvent } from './watch.ts';

/** Whose journal it is. */
type Where = Pick<TimedEvent, 'projectId'> & { persona: string };

/**
 * What a journal tells of and the audit log does not: events are gathered before they are written, and a worker that is killed takes
 * them along. Each is named by its place in the journal (request, call of a step), so that none is told twice.
 *
 * @param lost whether a lease was that of a process which writes no more
 * @param log all that was told
 */
export function untold(
  where: Where,
  entries: readonly JournalEntry[],
  lost: (lease: Entry<'lease'>) => boolean,
  log: readonly FactoryEvent[],
): TimedEvent[] {
  const told = new Map<string, number>();
  for (const event of log)
    if (event.persona === where.persona) {
      const [name = ''] = namesOf(event);
      told.set(name, (told.get(name) ?? 0) + 1);
    }
  return eventsOf(where, entries, lost).filter((event) => {
    const name = namesOf(event).find((each) => (told.get(each) ?? 0) > 0);
    if (name !== undefined) told.set(name, (told.get(name) ?? 0) - 1);
    return name === undefined;
  });
}

/** The place that it tells of, as it is named now, and as programs named it before; the most exact first. */
function namesOf({ type, step, data }: Pick<FactoryEvent, 'type' | 'step' | 'data'>): string[] {
  const place = `${type} ${step}`;
  const exact =
    type === 'step.replied' || type === 'agent.escalated'
      ? [data?.requestId]
      : type === 'tool.ran'
        ? [data?.call, data?.callId]
        : [];
  return [...exact.flatMap((name) => (name === undefined ? [] : `${place} ${name}`)), place];
}

function eventsOf(
  { projectId, persona }: Where,
  entries: readonly JournalEntry[],
  lost: (lease: Entry<'lease'>) => boolean,
): TimedEvent[] {
  const events: TimedEvent[] = [];
  let epoch = 0;
  let wanted = false;
  let escalated = false;
  let calls: readonly ToolCall[] = [];
  const started = new Map<string, number>();
  for (const entry of entries) {
    if (entry.epoch < epoch) continue;
    if (entry.type === 'lease') {
      epoch = entry.epoch;
      wanted = lost(entry);
    }
    if (entry.type === 'reply') calls = toolCalls(entry.message);
    if (entry.type === 'tool_started') started.set(entry.callId, entry.epoch);
    const event = wanted && !(escalated && entry.type === 'request') ? eventOf(entry, calls, started) : null;
    if (entry.type === 'request' && entry.operation !== 'compaction')
      escalated = entry.escalated !== undefined;
    const told = event === null ? null : turnEvent({ projectId, persona, step: entry.step }, event, entry.at);
    if (told !== null) events.push(told);
  }
  return events;
}

function eventOf(
  entry: JournalEntry,
  calls: readonly ToolCall[],
  started: ReadonlyMap<string, number>,
): TurnEvent | null {
  switch (entry.type) {
    case 'request': {
      const { requestId, tier = '', escalated: reason } = entry;
      return reason === undefined ? null : { type: 'escalated', requestId, tier, reason };
    }
    case 'reply': {
      const { requestId, provider, model, cost, usage, message } = entry;
      const text = textOf(message);
      return {
        ...{ type: 'reply', requestId, provider, model, cost, text },
        tokens: tokensOf(usage),
        calls: toolCalls(message).length,
      };
    }
    case 'tool_result': {
      const { callId, isError, output, epoch } = entry;
      const index = calls.findIndex(({ id }) => id === callId);
      const call = calls[index];
      const resumed = (started.get(callId) ?? epoch) !== epoch;
      return call === undefined ? null : { type: 'tool_result', call, index, isError, output, resumed };
    }
    case 'compacted':
      return entry.by === undefined ? null : { type: 'compacted', by: entry.by };
    case 'step_done': {
      const { progress, reason = '' } = entry;
      return progress === undefined ? null : { type: 'progress', verdict: progress, reason };
    }
    default:
      return null;
  }
}
