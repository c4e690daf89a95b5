import type { FailureRow } from './row.ts';

const body = (type: string, message: string, details?: Record<string, unknown>): string =>
  JSON.stringify({
    type: 'error',
    error: { ...(details ? { details } : {}), type, message },
    request_id: 'req_011',
  });

/** Anthropic's wordings. The order counts: the first row that fits is used. */
export const ANTHROPIC_ROWS: readonly FailureRow[] = [
  {
    name: 'credit_balance_too_low',
    kind: 'money',
    words: /credit balance is too low/i,
    says: 'the account has no credit left',
    example: {
      status: 400,
      body: body(
        'invalid_request_error',
        'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.',
      ),
    },
  },
  {
    name: 'usage_limit_reached',
    kind: 'money',
    words: /reached your specified (workspace )?API usage limits/i,
    says: "the account's own spend limit is reached",
    example: {
      status: 400,
      body: body(
        'invalid_request_error',
        'You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC.',
      ),
    },
  },
  {
    name: 'enforced_spend_limit_reached',
    kind: 'money',
    codes: ['enforced_spend_limit_reached'],
    says: "the account's monthly spend limit is reached",
    resets: 'next_month',
    example: {
      status: 429,
      body: body('rate_limit_error', 'Your organization has reached its monthly spend limit.', {
        error_code: 'enforced_spend_limit_reached',
      }),
    },
  },
  {
    name: 'billing_error',
    kind: 'money',
    codes: ['billing_error'],
    says: 'the account has a billing problem',
    example: {
      status: 402,
      body: body('billing_error', 'There is an issue with your billing or payment information.'),
    },
  },
  {
    name: 'long_context_not_allowed',
    kind: 'context',
    words: /long context (requests|beta)/i,
    says: 'the account may not send a conversation of this length',
    example: {
      status: 429,
      body: body('rate_limit_error', 'Extra usage is required for long context requests.'),
    },
  },
  {
    name: 'rate_limit_error',
    kind: 'rate',
    codes: ['rate_limit_error'],
    says: 'too many requests or tokens in a minute',
    example: {
      status: 429,
      headers: { 'retry-after': '30' },
      body: body(
        'rate_limit_error',
        "This request would exceed your organization's rate limit of 50 requests per minute.",
      ),
    },
  },
  {
    name: 'authentication_error',
    kind: 'key',
    codes: ['authentication_error'],
    says: 'the key is refused',
    example: { status: 401, body: body('authentication_error', 'invalid x-api-key') },
  },
  {
    name: 'organization_disabled',
    kind: 'key',
    words: /organization has been disabled/i,
    says: 'the account was closed',
    example: { status: 400, body: body('invalid_request_error', 'This organization has been disabled.') },
  },
  {
    name: 'permission_error',
    kind: 'key',
    codes: ['permission_error'],
    says: 'the key may not do this',
    example: {
      status: 403,
      body: body('permission_error', 'Your API key does not have permission to use the specified resource.'),
    },
  },
  {
    name: 'prompt_too_long',
    kind: 'context',
    words:
      /prompt is too long|input length and `max_tokens` exceed context limit|exceeds? the maximum (number of|allowed) .{0,20}tokens/i,
    says: 'the conversation is longer than the model can read',
    example: {
      status: 400,
      body: body('invalid_request_error', 'prompt is too long: 208310 tokens > 200000 maximum'),
    },
  },
  {
    name: 'request_too_large',
    kind: 'context',
    codes: ['request_too_large'],
    says: 'the request is larger than the provider takes',
    example: {
      status: 413,
      body: body('request_too_large', 'Request exceeds the maximum allowed number of bytes.'),
    },
  },
  {
    name: 'tool_use_without_result',
    kind: 'malformed',
    status: [400, 422],
    words: /tool_use.{0,40}(ids|without|must|result)|unexpected `tool_use_id`|tool_result/i,
    says: 'the history is refused',
    repair: 'plain_history',
    example: {
      status: 400,
      body: body(
        'invalid_request_error',
        'messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_01. Each `tool_use` block must have a corresponding `tool_result` block in the next message.',
      ),
    },
  },
  {
    name: 'history_refused',
    kind: 'malformed',
    status: [400, 422],
    words:
      /text content blocks must (be non-empty|contain non-whitespace)|must have non-empty content|roles must alternate|first message must use the "user" role|assistant message prefill|end with a user message|low surrogate|not valid JSON/i,
    says: 'the history is refused',
    repair: 'plain_history',
    example: {
      status: 400,
      body: body('invalid_request_error', 'messages: text content blocks must be non-empty'),
    },
  },
  {
    name: 'not_found_error',
    kind: 'config',
    codes: ['not_found_error'],
    says: 'the model does not exist or this key may not use it',
    example: { status: 404, body: body('not_found_error', 'model: claude-none') },
  },
  {
    name: 'overloaded_error',
    kind: 'outage',
    codes: ['overloaded_error'],
    says: 'the provider is overloaded',
    example: { status: 529, body: body('overloaded_error', 'Overloaded') },
  },
  {
    name: 'api_error',
    kind: 'outage',
    status: [500],
    codes: ['api_error'],
    says: 'the provider has an internal error',
    example: { status: 500, body: body('api_error', 'Internal server error') },
  },
  {
    name: 'timeout_error',
    kind: 'outage',
    codes: ['timeout_error'],
    says: 'the provider ran out of time',
    perhapsBilled: true,
    example: { status: 504, body: body('timeout_error', 'Request timed out.') },
  },
];
