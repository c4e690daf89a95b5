import type { RequestRecord, WireFormat } from './record.ts';

/** Something a provider does instead of answering. Words and bodies are those of the vendor that was asked. */
export type Fault =
  /** 429. `retryAfter`: seconds or an HTTP date. `reset`: value of the vendor's request-reset header. */
  | { fault: 'rate_limit'; retryAfter?: number | string; reset?: string }
  /** 429 `insufficient_quota` (OpenAI), 429 with details `enforced_spend_limit_reached` (Anthropic). */
  | { fault: 'insufficient_quota' }
  /** 400 "credit balance is too low" (Anthropic); OpenAI answers as for `insufficient_quota`. */
  | { fault: 'credit_too_low' }
  /** 400 "reached your specified API usage limits … regain access on DATE" (Anthropic), 429 hard limit (OpenAI). */
  | { fault: 'usage_limit'; regainOn?: string }
  | { fault: 'payment_required' }
  | { fault: 'unauthorized' }
  | { fault: 'forbidden' }
  | { fault: 'server_error' }
  | { fault: 'overloaded' }
  | { fault: 'context_length' }
  | { fault: 'malformed_history' }
  | { fault: 'model_not_found' }
  /** The stream ends after this many events (default: half of them), by connection reset or by an orderly end. */
  | { fault: 'cut'; afterEvents?: number; orderly?: boolean }
  /** An error event in the middle of a stream that began with status 200; `failed`: a response that ends as failed. */
  | { fault: 'error_event'; afterEvents?: number; kind?: ErrorEvent }
  /** Says nothing more, for ever: before the head, after the head, or after some events. */
  | { fault: 'hang'; at?: 'start' | 'head' | 'events'; afterEvents?: number }
  | { fault: 'not_json' }
  | { fault: 'html'; status?: number }
  | { fault: 'empty_body' }
  | { fault: 'reset' }
  /** Any answer word for word. */
  | { fault: 'http'; status: number; headers?: Record<string, string>; body: string };

export type ErrorEvent = 'overloaded' | 'insufficient_quota' | 'failed';

/** When a fault is played; all that is given must hold. */
export interface FaultRule {
  fault: Fault;
  /** Request numbers, counted from 0 since the rules were set. */
  requests?: number[] | { from?: number; to?: number; every?: number };
  /** Milliseconds since the rules were set. */
  fromMs?: number;
  untilMs?: number;
  key?: string;
  model?: string;
  format?: WireFormat;
  /** Play it at most this many times. */
  times?: number;
}

function ruleHolds(
  rule: FaultRule,
  request: {
    index: number;
    elapsedMs: number;
    key: string;
    model: string;
    format: WireFormat;
    played: number;
  },
): boolean {
  if (rule.times !== undefined && request.played >= rule.times) return false;
  if (rule.key !== undefined && rule.key !== request.key) return false;
  if (rule.model !== undefined && rule.model !== request.model) return false;
  if (rule.format !== undefined && rule.format !== request.format) return false;
  if (rule.fromMs !== undefined && request.elapsedMs < rule.fromMs) return false;
  if (rule.untilMs !== undefined && request.elapsedMs >= rule.untilMs) return false;
  const numbers = rule.requests;
  if (numbers === undefined) return true;
  if (Array.isArray(numbers)) return numbers.includes(request.index);
  if (numbers.from !== undefined && request.index < numbers.from) return false;
  if (numbers.to !== undefined && request.index > numbers.to) return false;
  return numbers.every === undefined || (request.index - (numbers.from ?? 0)) % numbers.every === 0;
}

type Asked = Pick<RequestRecord, 'index' | 'at' | 'key' | 'model' | 'format'>;

/** Which fault a request meets, by rules that can be replaced while the server runs. */
export function createFaultPlan(initial: readonly FaultRule[], startedAt: number) {
  const counted = (rules: readonly FaultRule[]) => rules.map((rule) => ({ rule, played: 0 }));
  let current = { rules: counted(initial), at: startedAt, index: 0 };

  return {
    /** Rule times and counts start again. */
    set(rules: readonly FaultRule[], at: number, nextIndex: number): void {
      current = { rules: counted(rules), at, index: nextIndex };
    },
    next(asked: Asked): Fault | undefined {
      const found = current.rules.find(({ rule, played }) =>
        ruleHolds(rule, {
          ...asked,
          index: asked.index - current.index,
          elapsedMs: asked.at - current.at,
          played,
        }),
      );
      if (!found) return undefined;
      found.played += 1;
      return found.rule.fault;
    },
  };
}
