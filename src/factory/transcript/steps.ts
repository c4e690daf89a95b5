/** An agent's journal as steps: which entries belong together, without copying any of their texts. */
import { toolCalls } from '../agent/memory/conversation.ts';
import { asReply } from '../agent/memory/memory.ts';
import type { Entry, ReplyRecord, RequestRecord } from '../agent/memory/memory-types.ts';
import { heardResult } from '../hearings/transcript.ts';
import type { JournalEntry } from '../model/journal.ts';
import type { ToolCall } from '../model/message.ts';

export type CallResult = Pick<Entry<'tool_result'>, 'output' | 'isError' | 'outputFile'>;

export interface StepCall {
  call: ToolCall;
  /** When it began, where the journal says so. */
  startedAt?: string;
  result?: CallResult;
}

export interface JournalStep {
  persona: string;
  step: number;
  at: string;
  /** All that was paid for in it: also summaries, and replies that were put aside. */
  paid: ReplyRecord[];
  /** What the model said in it. */
  replies: ReplyRecord[];
  calls: StepCall[];
  notes: Entry<'note'>[];
  done?: Entry<'step_done'>;
}

/** @param entries those that count, in order */
export function stepsOf(persona: string, entries: readonly JournalEntry[]): JournalStep[] {
  const steps = new Map<number, JournalStep>();
  const requests = new Map<string, RequestRecord>();
  for (const entry of entries) {
    const step = steps.get(entry.step) ?? {
      ...{ persona, step: entry.step, at: entry.at },
      ...{ paid: [], replies: [], calls: [], notes: [] },
    };
    steps.set(entry.step, step);
    if (entry.type === 'request') requests.set(entry.requestId, entry);
    else take(step, entry, requests);
  }
  return [...steps.values()];
}

function take(step: JournalStep, entry: JournalEntry, requests: ReadonlyMap<string, RequestRecord>): void {
  switch (entry.type) {
    case 'reply': {
      const reply = asReply(entry, requests.get(entry.requestId));
      step.paid.push(reply);
      if (reply.operation === 'compaction') return;
      step.replies.push(reply);
      step.calls.push(...toolCalls(entry.message).map((call) => ({ call })));
      return;
    }
    case 'set_aside':
      // It counts no more: its words are asked for again.
      step.replies = step.replies.filter(({ requestId }) => requestId !== entry.requestId);
      step.calls = step.replies.flatMap(({ message }) => toolCalls(message).map((call) => ({ call })));
      return;
    case 'tool_started':
      change(step, entry.callId, { startedAt: entry.at });
      return;
    case 'tool_result':
      change(step, entry.callId, { result: entry });
      return;
    case 'note': {
      const heard = heardResult(entry);
      if (heard !== null) change(step, heard.callId, { result: heard });
      step.notes.push(entry);
      return;
    }
    case 'step_done':
      step.done = entry;
  }
}

/** Ids are unique in a conversation; a round of audits holds several, one after the other. */
function change(step: JournalStep, callId: string, with_: Partial<StepCall>): void {
  const index = step.calls.findLastIndex(({ call }) => call.id === callId);
  const found = step.calls[index];
  if (found !== undefined) step.calls[index] = { ...found, ...with_ };
}
