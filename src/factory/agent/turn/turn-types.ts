import type { Clock } from '../../../lib/clock.ts';
import type { Escalation } from '../../finance/routing/escalation.ts';
import type { ToolCall } from '../../model/message.ts';
import type { Effort } from '../../model/money/finance.ts';
import type { FinanceManager, PaidOutcome } from '../../ports.ts';
import type { Toolbox } from '../tools/toolbox.ts';

/** Something the agent is told. The journal keeps it once per key, however often it is handed in. */
export interface Note {
  key: string;
  text: string;
}

export interface TurnLimits {
  /** Context window of the provider in tokens, and the share of it at which the older part is summarised. */
  contextTokens: number;
  compactAt: number;
  /** Tokens of that window that a reply needs. */
  replyTokens: number;
  /** Turns without a change before the agent is warned; twice that: fresh context; thrice: blocked. */
  idleTurns: number;
}

/** For live progress and the audit log; nothing depends on it. */
export type TurnEvent =
  | { type: 'request'; provider: string; model: string; operation: string }
  /** From this request on its work is another tier's. */
  | { type: 'escalated'; requestId: string; tier: string; reason: string }
  | {
      type: 'reply';
      requestId: string;
      provider: string;
      model: string;
      cost: number;
      tokens: number;
      text: string;
      calls: number;
    }
  | { type: 'tool_result'; call: ToolCall; index: number; isError: boolean; output: string; resumed: boolean }
  | { type: 'compacted'; by: 'model' | 'factory' }
  | { type: 'progress'; verdict: 'warned' | 'fresh' | 'blocked'; reason: string };

export interface TurnDeps {
  projectId: string;
  persona: string;
  /** The task that costs are booked on. */
  taskId?: string;
  /** What its turns are booked as. Missing: `chat`. */
  operation?: 'chat' | 'sealing';
  /** Prefer a provider of another vendor than this one. */
  avoidProvider?: string;
  /** How much a model is to think. Missing: as its provider says. */
  effort?: Effort;
  /** Its work stayed red. Missing: it did not. */
  escalation?: Escalation;
  finance: Pick<FinanceManager, 'complete' | 'bookLost' | 'bookReply' | 'squeezed'>;
  clock: Clock;
  /** System prompt (`systemPrompt` in prompt.ts): the same text on every turn, or the vendor's cache is lost. */
  system: string;
  tools: Toolbox;
  limits: TurnLimits;
  /**
   * What the agent is to be told with this turn's request: the opening (key `OPENING`), a gate's outcome, an audit's note.
   * Notes that the journal has already are skipped, so the caller may hand in all that are due.
   */
  notes: readonly Note[];
  /** What is still open, for a model that stopped calling tools. */
  openWork(): Promise<string>;
  /** Task list, criteria, decisions, git log and last gate result: put back as they are when the context is made smaller. */
  wordForWord(): Promise<string>;
  /** How long the project's newest gate took, in milliseconds. Missing, or `undefined`: nobody knows. */
  gateMs?(): Promise<number | undefined>;
  /**
   * Changes when the tree, the status of a task or the gate changed. Asked after turns that could have changed one; may be
   * `undefined` on turns on which looking costs more than it tells, which then count as turns without a change.
   *
   * @param sure an objection hangs on it: look in any case
   */
  workMark(sure: boolean): Promise<string | undefined>;
  /** Its owner is to answer a question, or has said something that it was not told yet: no agent is given up before. */
  awaitsOwner?(): Promise<boolean>;
  watch?(event: TurnEvent): void;
  /** Calls with effects begin: the agent is executing until the step ends. */
  executing?(): Promise<void>;
}

export type TurnOutcome =
  /** `step_done` stands in the journal, with its reason. */
  | { kind: 'done'; outcome: 'continue' | 'finish' | 'blocked' | 'fork' }
  /** The step stays open in all of these; the same step is leased again later. */
  | Extract<PaidOutcome, { kind: 'wait' | 'no_provider' | 'not_permitted' | 'budget' | 'ledger' }>
  /** No provider takes the conversation, also after it was made smaller: its owner must look, or it is tried again at `until`. `cap`: as of a paid call. */
  | { kind: 'refused'; detail: string; until?: Date; cap?: true }
  /** The signal was cut. What was under way stands in the journal. */
  | { kind: 'interrupted' };

/** Outcomes of a paid call that say: not now. */
export type NotNow = Exclude<TurnOutcome, { kind: 'done' | 'interrupted' }>;
