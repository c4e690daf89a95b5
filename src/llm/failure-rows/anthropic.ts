import type { FailureRow } from './row.ts';

/** Anthropic's wordings. The order counts: the first row that fits is used. */
export const ANTHROPIC_ROWS: readonly FailureRow[] = [
  {
    name: 'credit_balance_too_low',
    kind: 'money',
    words: /credit balance is too low/i,
    says: 'the account has no credit left',
  },
  {
    name: 'usage_limit_reached',
    kind: 'money',
    words: /reached your specified (workspace )?API usage limits/i,
    says: "the account's own spend limit is reached",
  },
  {
    name: 'enforced_spend_limit_reached',
    kind: 'money',
    codes: ['enforced_spend_limit_reached'],
    says: "the account's monthly spend limit is reached",
    resets: 'next_month',
  },
  {
    name: 'billing_error',
    kind: 'money',
    codes: ['billing_error'],
    says: 'the account has a billing problem',
  },
  {
    name: 'long_context_not_allowed',
    kind: 'context',
    words: /long context (requests|beta)/i,
    says: 'the account may not send a conversation of this length',
  },
  {
    name: 'rate_limit_error',
    kind: 'rate',
    codes: ['rate_limit_error'],
    says: 'too many requests or tokens in a minute',
  },
  {
    name: 'authentication_error',
    kind: 'key',
    codes: ['authentication_error'],
    says: 'the key is refused',
  },
  {
    name: 'organization_disabled',
    kind: 'key',
    status: [400, 401, 403],
    words: /^[^'"`{[]{0,20}organization has been disabled/i,
    says: 'the account was closed',
  },
  {
    name: 'permission_error',
    kind: 'key',
    codes: ['permission_error'],
    says: 'the key may not do this',
  },
  {
    name: 'prompt_too_long',
    kind: 'context',
    words:
      /prompt is too long|input length and `max_tokens` exceed context limit|exceeds? the maximum (number of|allowed) .{0,20}tokens/i,
    says: 'the conversation is longer than the model can read',
  },
  {
    name: 'request_too_large',
    kind: 'context',
    codes: ['request_too_large'],
    says: 'the request is larger than the provider takes',
  },
  {
    name: 'tool_use_without_result',
    kind: 'malformed',
    status: [400, 422],
    words: /tool_use.{0,40}(ids|without|must|result)|unexpected `tool_use_id`|tool_result/i,
    says: 'the history is refused',
    repair: 'plain_history',
  },
  {
    name: 'history_refused',
    kind: 'malformed',
    status: [400, 422],
    words:
      /text content blocks must (be non-empty|contain non-whitespace)|must have non-empty content|roles must alternate|first message must use the "user" role|assistant message prefill|end with a user message|low surrogate|not valid JSON/i,
    says: 'the history is refused',
    repair: 'plain_history',
  },
  {
    name: 'not_found_error',
    kind: 'config',
    codes: ['not_found_error'],
    says: 'the model does not exist or this key may not use it',
  },
  {
    name: 'overloaded_error',
    kind: 'outage',
    codes: ['overloaded_error'],
    says: 'the provider is overloaded',
  },
  {
    name: 'api_error',
    kind: 'outage',
    status: [500],
    codes: ['api_error'],
    says: 'the provider has an internal error',
  },
  {
    name: 'timeout_error',
    kind: 'outage',
    codes: ['timeout_error'],
    says: 'the provider ran out of time',
    perhapsBilled: true,
  },
];
