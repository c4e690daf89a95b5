import type { Prices, Usage } from '../../../src/factory/model/money/finance.ts';
import type { Fault, FaultRule } from './faults.ts';
import type { LedgerEntry, RequestRecord, WireFormat } from './record.ts';

/** One message of the conversation as the request carried it, in one form for both vendors. */
export interface ScriptMessage {
  role: 'user' | 'assistant' | 'tool';
  /** Text of the message; of a tool message its output. */
  text: string;
  /** What an assistant message asked for. */
  toolCalls: { id: string; name: string; arguments: string }[];
  /** Of a tool message: which call it answers, and the name of the tool. */
  callId?: string;
  name?: string;
  isError?: boolean;
}

export interface ToolOutcome {
  callId: string;
  name: string;
  output: string;
  isError: boolean;
}

/** What a script sees of one request. */
export interface Turn {
  format: WireFormat;
  model: string;
  key: string;
  system: string;
  tools: { name: string; description: string; parameters: unknown }[];
  conversation: ScriptMessage[];
  /** Text of the newest user message, empty when there is none. */
  lastUser: string;
  /** The tool results after the newest assistant message. */
  lastToolResults: ToolOutcome[];
  /** The most that was asked for; infinite when the request does not say. */
  maxOutputTokens: number;
  /** Assistant messages in the conversation: the same request sent again has the same number. */
  assistantTurns: number;
  /** Requests this server has had before this one. */
  requestIndex: number;
  /** The same for all turns of one conversation: made from the system text and the first user message. */
  conversationKey: string;
}

/** What the model says. A reply with neither text nor calls is a reply too. */
export interface Answer {
  text?: string;
  /** `arguments` as text is sent as it stands, well-formed or not. */
  toolCalls?: { name: string; arguments: Record<string, unknown> | string; id?: string }[];
  /** A thinking block before the text (Anthropic), an encrypted item (Responses), `reasoning_content` (OpenAI-compatible). */
  thinking?: string;
  /** Anthropic: the whole reply block by block, in place of `text`, `toolCalls` and `thinking`. */
  blocks?: AnswerBlock[];
  /** Milliseconds before the first byte. */
  delayMs?: number;
  /** Milliseconds between two stream events. */
  eventDelayMs?: number;
  /** The stream is written in pieces of this many bytes. */
  chunkBytes?: number;
  /** Tokens billed; what is missing is counted from the request and the answer. */
  usage?: Partial<Usage>;
  /** `context` and `paused`: Anthropic alone. */
  stop?: 'end' | 'tool_calls' | 'max_tokens' | 'context' | 'paused' | 'refusal';
}

export type AnswerBlock =
  | { text: string }
  | { thinking: string }
  | { redacted: string }
  | { call: NonNullable<Answer['toolCalls']>[number] }
  /** Any block word for word, such as the use of a tool of the vendor's own. */
  | { raw: Record<string, unknown> };

export type Script = (turn: Turn) => Answer | Fault | Promise<Answer | Fault>;

/**
 * `gemini` signs calls, `openrouter` gives details of its models' reasoning: both take them back unchanged alone. `deepseek` and
 * `kimi` want reasoning back with calls, the former in the turn, the latter always; `deepseek-r1` takes none back.
 */
export type Dialect = 'openai' | 'openrouter' | 'gemini' | 'deepseek' | 'deepseek-r1' | 'kimi';

export interface ScriptedModelOptions {
  script: Script;
  /** USD per million tokens by model name, `*` for every other. Default: input 1, output 2. */
  prices?: Record<string, Prices>;
  /** Tried before the script; the first that fits is used. */
  faults?: FaultRule[];
  /** Formats whose addresses are not there. */
  without?: readonly WireFormat[];
  /** Models, besides the vendor's own of this kind, that refuse chat completions. */
  responsesOnly?: readonly string[];
  /** How `/v1/chat/completions` words its errors and streams, and what it wants back. Default `openai`. */
  dialect?: Dialect;
  /** Ways of asking for thinking, and efforts, that `/v1/messages` takes; a request for another is refused. Default: all. */
  thinking?: readonly ('adaptive' | 'enabled')[];
  efforts?: readonly string[];
  /** Keys that are let in. Default: any key. */
  keys?: string[];
  /** USD that a key may spend before the server says that the account is empty. Default: no limit. */
  credits?: Record<string, number>;
  /** Requests in any 60 seconds per key before a 429 with `retry-after`. Default: no limit. */
  requestsPerMinute?: number;
  /** Refuse what the vendors refuse (history form, ids, parameters). Default true. */
  strict?: boolean;
  /** The bodies of this many newest requests are kept. Default 200. */
  keepBodies?: number;
  port?: number;
  now?: () => number;
}

export interface ScriptedModel {
  /** `http://127.0.0.1:PORT`; the base URL for OpenAI clients is `${url}/v1`, for Anthropic clients `url`. */
  url: string;
  requests: readonly RequestRecord[];
  ledger: readonly LedgerEntry[];
  /** USD billed to a key, or to all keys. */
  billed(key?: string): number;
  /** Replaces the fault rules. Rule times and counts start again. */
  setFaults(rules: FaultRule[]): void;
  setScript(script: Script): void;
  /** Adds credit to a key; a key without a limit gets one. */
  topUp(key: string, usd: number): void;
  /** Ends open connections too. */
  close(): Promise<void>;
}
