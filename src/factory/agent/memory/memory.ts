import type { JournalEntry } from '../../model/journal.ts';
import type { ChatMessage } from '../../model/message.ts';
import { NO_PAUSES, pauseOver } from '../turn/pauses.ts';
import { NO_TRAIL, strike, turnOf, walk } from '../turn/progress.ts';
import { characters, presentable, toolCalls } from './conversation.ts';
import type { AgentMemory, CallState, Entry, ReplyRecord, RequestRecord } from './memory-types.ts';
import { withoutCut, withoutRoom } from './set-aside.ts';

/** Key of the note with the task itself: it stays in front of the conversation, whatever is compacted. */
export const OPENING = 'opening';

export const EMPTY_MEMORY: AgentMemory = {
  seen: 0,
  epoch: 0,
  nextStep: 1,
  position: { at: 'between' },
  conversation: [],
  characters: 0,
  pinned: 0,
  noteKeys: new Set<string>(),
  heldBack: [],
  openRequests: [],
  replies: [],
  escalated: false,
  pauses: NO_PAUSES,
  trail: NO_TRAIL,
};

/** What an agent knows, from its whole journal. */
export function remember(entries: readonly JournalEntry[]): AgentMemory {
  return extend(EMPTY_MEMORY, entries);
}

/**
 * What it knows after more entries. The cost is that of the new entries (and of one copy of the list of messages, not of
 * the messages), so a late turn costs what an early one did.
 */
export function extend(memory: AgentMemory, entries: readonly JournalEntry[]): AgentMemory {
  if (entries.length === 0) return memory;
  const draft: Draft = { ...memory, conversation: [...memory.conversation] };
  for (const entry of entries) {
    draft.seen += 1;
    draft.last = entry;
    // A worker that was overtaken may still have written; what it wrote does not count.
    if (entry.epoch >= draft.epoch) take(draft, entry);
  }
  return draft;
}

type Draft = { -readonly [Key in keyof AgentMemory]: AgentMemory[Key] } & { conversation: ChatMessage[] };

function take(draft: Draft, entry: JournalEntry): void {
  switch (entry.type) {
    case 'lease':
      leased(draft, entry);
      return;
    case 'request':
      draft.openRequests = [...draft.openRequests, entry];
      draft.pauses = pauseOver(draft.pauses, entry.at);
      if (isWork(entry)) routed(draft, entry);
      return;
    case 'request_failed':
      failed(draft, entry);
      return;
    case 'reply':
      replied(draft, entry);
      return;
    case 'set_aside':
      Object.assign(draft, withoutCut(draft, entry));
      return;
    case 'tool_started':
      changeCall(draft, entry.callId, (call) => ({ ...call, state: 'started' }));
      return;
    case 'tool_result':
      resulted(draft, entry);
      return;
    case 'note':
      noted(draft, entry);
      return;
    case 'compacted':
      compacted(draft, entry);
      return;
    case 'step_done':
      stepDone(draft, entry);
      return;
    case 'released':
  }
}

function leased(draft: Draft, { epoch, step }: Entry<'lease'>): void {
  draft.epoch = epoch;
  if (step === draft.nextStep && draft.position.at !== 'between') return;
  closeCalls(draft);
  draft.nextStep = step;
  draft.position = { at: 'asking' };
  draft.replies = [];
  delete draft.aside;
}

/** A reply with what its request says. */
export function asReply(entry: Entry<'reply'>, request: RequestRecord | undefined): ReplyRecord {
  const { operation = 'chat', tier } = request ?? {};
  return { ...entry, operation, ...(tier === undefined ? {} : { tier }) };
}

const isWork = ({ operation }: Pick<RequestRecord, 'operation'>): boolean =>
  operation === 'chat' || operation === 'sealing';

/** The tier at work changes with what is wanted, or when the conversation is made smaller, never by the turn. */
function routed(draft: Draft, { wanted, instead, escalated }: RequestRecord): void {
  draft.escalated = escalated !== undefined;
  if (wanted === undefined || instead === undefined) delete draft.held;
  else draft.held = { wanted, instead };
}

function failed(draft: Draft, entry: Entry<'request_failed'>): void {
  const request = draft.openRequests.find(({ requestId }) => requestId === entry.requestId);
  draft.openRequests = draft.openRequests.filter((open) => open !== request);
  if (request !== undefined && isWork(request)) Object.assign(draft, withoutRoom(draft, entry));
}

function replied(draft: Draft, entry: Entry<'reply'>): void {
  const request = draft.openRequests.find(({ requestId }) => requestId === entry.requestId);
  const reply = asReply(entry, request);
  draft.openRequests = draft.openRequests.filter((open) => open !== request);
  draft.replies = [...draft.replies, reply];
  draft.pauses = { ...draft.pauses, since: entry.at };
  if (reply.operation === 'compaction') draft.paidSummary = reply;
  if (!isWork(reply)) return;
  closeCalls(draft);
  const message = presentable(reply.message);
  if (message !== null) push(draft, message);
  const calls = toolCalls(reply.message).map((call): CallState => ({ call, state: 'waiting' }));
  draft.position = { at: 'acting', reply, calls };
  const full = reply.stop === 'context' ? { full: true } : {};
  draft.measured = { usage: reply.usage, characters: draft.characters, ...full };
  delete draft.paidSummary;
}

function resulted(draft: Draft, result: Entry<'tool_result'>): void {
  if (!isOpen(draft, result.callId)) return;
  changeCall(draft, result.callId, (call) => ({ ...call, state: 'done', result }));
  const { callId, name, output, isError } = result;
  push(draft, { role: 'tool', callId, name, output, isError });
  if (openCalls(draft).length === 0) release(draft);
}

function noted(draft: Draft, { key, text }: Entry<'note'>): void {
  if (draft.noteKeys.has(key)) return;
  draft.noteKeys = new Set([...draft.noteKeys, key]);
  const message: ChatMessage = { role: 'user', text };
  if (key === OPENING) {
    draft.conversation.splice(draft.pinned, 0, message);
    draft.characters += characters(message);
    draft.pinned += 1;
  } else if (openCalls(draft).length > 0) draft.heldBack = [...draft.heldBack, message];
  else push(draft, message);
}

function compacted(draft: Draft, { text, keep = 0 }: Entry<'compacted'>): void {
  const from = Math.max(draft.pinned, draft.conversation.length - keep);
  const kept = draft.conversation.slice(from);
  // A result whose call was replaced by the summary would make the conversation malformed.
  while (kept[0]?.role === 'tool') kept.shift();
  draft.conversation = [...draft.conversation.slice(0, draft.pinned), { role: 'user', text }, ...kept];
  draft.characters = draft.conversation.reduce((sum, message) => sum + characters(message), 0);
  delete draft.measured;
  delete draft.paidSummary;
  delete draft.held;
}

function stepDone(draft: Draft, { step, tree, progress }: Entry<'step_done'>): void {
  closeCalls(draft);
  const { position } = draft;
  if (position.at === 'acting') {
    const walked = walk(draft.trail, turnOf(position, tree));
    draft.trail = progress === undefined ? walked : strike(walked, progress);
  }
  draft.nextStep = step + 1;
  draft.position = { at: 'between' };
  draft.replies = [];
  delete draft.aside;
}

function openCalls({ position }: Draft): readonly CallState[] {
  return position.at === 'acting' ? position.calls.filter(({ state }) => state !== 'done') : [];
}

function isOpen(draft: Draft, callId: string): boolean {
  return openCalls(draft).some(({ call }) => call.id === callId);
}

function changeCall(draft: Draft, callId: string, change: (call: CallState) => CallState): void {
  const { position } = draft;
  if (position.at !== 'acting') return;
  const calls = position.calls.map((each) =>
    each.call.id === callId && each.state !== 'done' ? change(each) : each,
  );
  draft.position = { ...position, calls };
}

/** Calls that will never get a result get one all the same: vendors refuse a call that was left unanswered. */
function closeCalls(draft: Draft): void {
  for (const { call, state } of openCalls(draft)) {
    const output = state === 'started' ? 'interrupted; effects unknown' : 'not run: the step ended before';
    push(draft, { role: 'tool', callId: call.id, name: call.name, output, isError: true });
  }
  release(draft);
}

function release(draft: Draft): void {
  for (const message of draft.heldBack) push(draft, message);
  draft.heldBack = [];
}

function push(draft: Draft, message: ChatMessage): void {
  draft.conversation.push(message);
  draft.characters += characters(message);
}
