import type { AssistantMessage } from '../../factory/model/message.ts';
import { tokensOf, type Usage } from '../../factory/model/money/finance.ts';
import type { ModelReply, ModelRequest } from '../../factory/ports.ts';
import { isRecord } from '../../lib/record.ts';
import { estimateOutputTokens, estimateTokens } from '../tokens.ts';

/** What a stream has said so far. */
export interface StreamState {
  message: AssistantMessage;
  /** Something of the reply has come, be it nothing that is kept. That a request was taken, or waits, is none of it. */
  answering: boolean;
  /** Missing as long as the model has not said why it stopped. */
  stop?: ModelReply['stop'];
  /** Missing as long as the final count has not come. */
  usage?: Usage;
  /** USD that were charged for it, where the word of whoever says so counts. */
  charged?: number;
  /** What was counted up to some place in the middle of the reply. */
  running?: Usage;
  /** The error that the stream ended with, where it comes as an event like any other. */
  error?: unknown;
}

/** Puts a reply together from the events of a stream. What is no event in any form that is known is passed over. */
export interface StreamReader {
  add(event: unknown): void;
  state(): StreamState;
  /** The model has said that it thinks, and nothing since. */
  thinks?(): boolean;
}

/** Codes that some servers say with every event, for all being well. */
const WELL: readonly unknown[] = ['', 0, '0', 200, '200'];

/** An error that is an event itself, with nothing around it: `{object: 'error', message}`, `{code, message}`. */
export function flatError(event: unknown): Record<string, unknown> | undefined {
  if (!isRecord(event) || Array.isArray(event['choices'])) return undefined;
  const { object, code, message } = event;
  if (typeof message !== 'string' || message.trim() === '') return undefined;
  const hasCode = (typeof code === 'string' || typeof code === 'number') && !WELL.includes(code);
  return object === 'error' || hasCode ? event : undefined;
}

/** Ids from vendors are kept when they are long enough to be unique; some servers count from `call_0` in every reply. */
const SHORTEST_ID = 16;

/** Ids of the calls of one reply: unique, also among all other replies of a conversation. */
export function createCallIds(newId: () => string): (id: string) => string {
  const seen = new Set<string>();
  return (id) => {
    const kept = id.length >= SHORTEST_ID && !seen.has(id) ? id : `call_${newId().replaceAll('-', '')}`;
    seen.add(kept);
    return kept;
  };
}

/**
 * A count that can be billed by, or `undefined`: nobody is asked anything without a token of input. Words that cost no
 * output were not counted, so they are estimated.
 */
export function billable(usage: Usage, message: AssistantMessage): Usage | undefined {
  if (tokensOf(usage) === usage.output) return undefined;
  const uncounted = usage.output === 0 && message.parts.length > 0;
  return uncounted ? { ...usage, output: estimateOutputTokens(message) } : usage;
}

/**
 * What OpenRouter has charged in USD, by its own count. Where it went to a host behind it with a key of the owner's own, that host's
 * bill comes on top.
 */
export function chargedOf(usage: Record<string, unknown>): number | undefined {
  const details = isRecord(usage.cost_details) ? usage.cost_details : {};
  const behind = usage.is_byok === false ? 0 : sum(details.upstream_inference_cost);
  const all = sum(usage.cost) + behind;
  return all > 0 ? all : undefined;
}

const sum = (value: unknown): number =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0;

/** What a whole reply is booked by of which only the beginning was counted: that, and an estimate of what it lacks. */
export function atLeast(running: Usage, request: ModelRequest, message: AssistantMessage): Usage {
  const estimate = estimatedUsage(request, message);
  const missing = Math.max(0, estimate.input - (tokensOf(running) - running.output));
  return {
    ...running,
    input: running.input + missing,
    output: Math.max(running.output, estimate.output),
  };
}

/** What a reply is booked by where nobody counted it. */
export function estimatedUsage(request: ModelRequest, message: AssistantMessage): Usage {
  return {
    input: estimateTokens(request),
    cacheWrite: 0,
    cacheRead: 0,
    output: estimateOutputTokens(message),
  };
}
