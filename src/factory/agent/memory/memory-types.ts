import type { JournalEntry, JournalRecord } from '../../model/journal.ts';
import type { ChatMessage, ToolCall } from '../../model/message.ts';
import type { Usage } from '../../model/money/finance.ts';
import type { Pauses } from '../turn/pauses.ts';
import type { Trail } from '../turn/progress.ts';

export type Entry<Type extends JournalEntry['type']> = Extract<JournalEntry, { type: Type }>;

export type RequestRecord = Entry<'request'>;

/** A reply with what the journal keeps in the request. */
export type ReplyRecord = Entry<'reply'> & Pick<RequestRecord, 'operation' | 'tier'>;

export interface CallState {
  readonly call: ToolCall;
  /** `started` without a result: nobody knows what it did. */
  readonly state: 'waiting' | 'started' | 'done';
  readonly result?: Entry<'tool_result'>;
}

/** Where the agent stands. */
export type Position =
  /** The last step is done, or there was none yet. */
  | { readonly at: 'between' }
  /** A step is leased and has no reply yet. */
  | { readonly at: 'asking' }
  /** The model has answered; its calls are in the order it made them. */
  | { readonly at: 'acting'; readonly reply: ReplyRecord; readonly calls: readonly CallState[] };

/** What the journal says of an agent. A value: it is never changed, only replaced by a longer one. */
export interface AgentMemory {
  /** Number of entries it was made from, and the last of them. */
  readonly seen: number;
  readonly last?: JournalEntry;
  /** Newest lease. */
  readonly epoch: number;
  /** The step that is open, or else the one to take next. */
  readonly nextStep: number;
  readonly position: Position;
  readonly conversation: readonly ChatMessage[];
  /** Length of all its texts. */
  readonly characters: number;
  /** Messages in front that compaction leaves alone. */
  readonly pinned: number;
  readonly noteKeys: ReadonlySet<string>;
  /** Notes that came between a call and its result: vendors allow no message there, so they follow after the results. */
  readonly heldBack: readonly ChatMessage[];
  /** Sent, and neither answered nor failed: lost in flight once their writer is gone. */
  readonly openRequests: readonly RequestRecord[];
  /** A reply of the open step was cut and is asked for again, with room for so many tokens; missing once that was refused. */
  readonly aside?: { more?: number };
  /** Replies of the open step: they may be missing in the ledger after a crash. */
  readonly replies: readonly ReplyRecord[];
  /** A summary that was paid for and did not yet replace anything: a crash came between. */
  readonly paidSummary?: ReplyRecord;
  /**
   * What the newest reply says of the conversation's length, and how many characters it had then. `full`: whatever the figures
   * say, it filled all that the model can read.
   */
  readonly measured?: { usage: Usage; characters: number; full?: boolean };
  /** What took the place of the tier that its work was meant for, since the conversation was last made smaller. */
  readonly held?: { wanted: string; instead: string };
  /** Its newest turn was another tier's, for it had stayed red. */
  readonly escalated: boolean;
  readonly pauses: Pauses;
  readonly trail: Trail;
}

/** Writes the journal and keeps the memory in step with it. */
export interface JournalSession {
  readonly memory: AgentMemory;
  readonly step: number;
  /** Remembers at once, writes with the next `append`: for what may be done again after a crash. */
  hold(...records: JournalRecord[]): void;
  /** Durable when resolved, with everything held or written, in one write. Throws `LeaseLost`. */
  append(...records: JournalRecord[]): Promise<void>;
  /** In the journal when resolved, with everything held; a power cut may still take it. Throws `LeaseLost`. */
  write(...records: JournalRecord[]): Promise<void>;
  /** On disk when resolved: what was written. Throws `LeaseLost`. */
  force(): Promise<void>;
  /** Throws `LeaseLost` when another worker has taken the step over. */
  check(): Promise<void>;
  /** The memory as it would be with these records too. */
  preview(...records: JournalRecord[]): AgentMemory;
}
