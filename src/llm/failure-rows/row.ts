import type { ModelFailureKind } from '../../factory/ports.ts';

/** What an adapter may change in a request before it sends it once more; a refused request is not billed. */
export type Repair =
  /** `max_tokens` ↔ `max_completion_tokens` */
  | 'limit_name'
  /** Ask for no more output than the message says is allowed. */
  | 'lower_limit'
  | 'no_stream_options'
  /** Ask for the whole reply at once. */
  | 'no_stream'
  /** Thinking of earlier turns is left out. */
  | 'no_thinking'
  /** Without the thinking of this conversation, which the endpoint cannot read. */
  | 'foreign_thinking'
  /** Leave the effort to the vendor. */
  | 'no_effort'
  | 'no_cache_key'
  | 'no_parallel_calls'
  /** The model is asked, not made, to call a tool. */
  | 'no_tool_choice'
  /** Responses ↔ chat completions */
  | 'other_api'
  /** Thinking is asked for in the other way, or not at all. */
  | 'thinking_mode'
  /** The newest turn with calls must begin with thinking. */
  | 'leading_thinking'
  /** Reasoning is wanted back, also with calls that another model made. */
  | 'fill_reasoning'
  /** A signature is wanted back, also with calls that another model made. */
  | 'fill_signature'
  | 'bad_signature'
  /** The prompt cannot be kept for an hour. */
  | 'short_cache'
  | 'no_beta'
  /** Tool calls and their results as plain text. */
  | 'plain_history';

/** One known wording of a provider. All of `status`, `codes`, `words` and `codeWords` that are given must fit. */
export interface FailureRow {
  /** Unique, stable: the `code` of the failure. */
  name: string;
  kind: ModelFailureKind;
  status?: readonly number[];
  /** Any of these stands in the body as code, type or status. */
  codes?: readonly string[];
  /** Found in the vendor's message. */
  words?: RegExp;
  /** Not found in the vendor's message. */
  notWords?: RegExp;
  /** Found in one of the body's codes. */
  codeWords?: RegExp;
  /** For people: what it means. The vendor's own words follow. */
  says: string;
  /** A gateway gave up waiting: the model behind it may have worked and billed. */
  perhapsBilled?: boolean;
  /**
   * When access comes back. `next_month`: at its start (UTC), where the answer itself names no time. `pacific_midnight`: at
   * the end of the day in California, whatever short wait the answer names.
   */
  resets?: 'next_month' | 'pacific_midnight';
  repair?: Repair;
}

/** A failure without an answer: the name that Node gives it. */
export interface NetworkRow {
  /** Names, or beginnings of names that end in `*`. */
  codes: readonly string[];
  says: string;
  /** The request may have reached the provider, also where nothing shows that a connection stood. */
  perhapsBilled: boolean;
}
