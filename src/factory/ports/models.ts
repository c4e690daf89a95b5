import type { AssistantMessage, ChatMessage, ToolSpec } from '../model/message.ts';
import type { Effort, ProviderApi, ProviderConfig, Usage } from '../model/money/finance.ts';

export interface ModelRequest {
  model: string;
  system: string;
  messages: readonly ChatMessage[];
  tools: readonly ToolSpec[];
  maxOutputTokens: number;
  /** The same for all calls of one persona of one project: vendors find its prompt cache by it. */
  cacheKey?: string;
  /** How long the vendor is asked to keep the prompt, where it has a choice. Default: its shorter time. */
  cacheFor?: '5m' | '1h';
  /** How much the model is to think, where it can be told. Missing: as its provider says. */
  effort?: Effort;
  /** The model must call one of the tools. */
  toolRequired?: boolean;
}

export interface ModelReply {
  ok: true;
  message: AssistantMessage;
  usage: Usage;
  /** USD that the provider says it has charged. Missing: it does not say, or its word does not count. */
  charged?: number;
  /**
   * `context`: the conversation and the reply fill all that the model can read. `paused`: the model goes on when it gets the
   * message back as it is.
   */
  stop: 'end' | 'tool_calls' | 'max_tokens' | 'context' | 'paused' | 'refusal';
  /** The endpoint refused the interface that it was to be asked on, and answered on this one. */
  insteadOn?: ProviderApi;
}

/** What went wrong, by what to do about it (§7 of the design). */
export type ModelFailureKind =
  | 'rate'
  | 'money'
  | 'outage'
  | 'key'
  | 'context'
  | 'malformed'
  /** Refused, and so would the same request be again. */
  | 'request'
  /** The provider's policy refuses this conversation. */
  | 'refusal'
  /** No such model, capability or address: only a change of the provider's configuration, or of the provider, helps. */
  | 'config'
  | 'aborted';

export interface ModelFailure {
  ok: false;
  kind: ModelFailureKind;
  /** For people and logs, already redacted. */
  message: string;
  status?: number;
  code?: string;
  /** An answer in no known wording: its status alone says what kind it is. */
  unknown?: boolean;
  /** Milliseconds the provider asked us to wait. */
  retryAfterMs?: number;
  /** The moment at which the provider says it will serve again. */
  resetAt?: Date;
  /** Tokens known to be billed although there is no usable reply (a stream cut after usage came). */
  usage?: Usage;
  /** USD that the provider says it has charged for them. */
  charged?: number;
  /** The request may have been billed although the usage is unknown: book the reserved amount as `possible`. */
  perhapsBilled: boolean;
}

export interface ModelCallOptions {
  signal: AbortSignal;
  /** Cut when nothing arrives for this many milliseconds. */
  idleTimeoutMs: number;
  /** Cut in any case after this many milliseconds. */
  timeoutMs: number;
}

/**
 * One request, no retries: the finance manager decides about those. Only a request that was refused for its form (and so
 * not billed) may be sent once more in another form. Never throws for what a provider did.
 */
export interface ModelAdapter {
  complete(request: ModelRequest, options: ModelCallOptions): Promise<ModelReply | ModelFailure>;
}

/** What is known of a model, or assumed where nothing is. Owner's settings of the provider have been put in. */
export interface ModelFacts {
  /** `messages` is Anthropic's. */
  api: ProviderApi | 'messages';
  /** Tokens that it reads at most, its reply included; `null`: not known. */
  contextTokens: number | null;
  /** Tokens that it can write in one reply, its thinking included; `null`: not known. */
  maxOutputTokens: number | null;
  /** The efforts that it has, in the vendor's words. Empty: it cannot be told. */
  efforts: Readonly<Partial<Record<Effort, string>>>;
  /** `adaptive`: thinks when asked to, as much as it finds right; `budget`: within a number of tokens; `always`: unasked. */
  thinking: 'none' | 'always' | 'adaptive' | 'budget';
  /** `automatic`: the vendor caches by itself; `marked`: what the request marks. */
  caching: 'none' | 'automatic' | 'marked';
  /** Names of the facts above that nobody said and that are safe guesses. */
  assumed: readonly string[];
}

export type FactsOf = (provider: ProviderConfig) => ModelFacts;

export interface Models {
  /** Connections are shared per endpoint. A new key makes a new adapter. */
  adapterFor(provider: ProviderConfig, apiKey: string): Promise<ModelAdapter>;
}

/** USD for a usage, or `null` when no price is known (then the model is refused). */
export type PriceOf = (provider: ProviderConfig, used: Usage) => number | null;
