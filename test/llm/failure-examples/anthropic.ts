import type { Examples } from './example.ts';

const body = (type: string, message: string, details?: Record<string, unknown>): string =>
  JSON.stringify({
    type: 'error',
    error: { ...(details ? { details } : {}), type, message },
    request_id: 'req_011',
  });

export const ANTHROPIC_EXAMPLES: Examples = {
  credit_balance_too_low: {
    status: 400,
    body: body(
      'invalid_request_error',
      'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.',
    ),
  },
  usage_limit_reached: {
    status: 400,
    body: body(
      'invalid_request_error',
      'You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC.',
    ),
  },
  enforced_spend_limit_reached: {
    status: 429,
    body: body('rate_limit_error', 'Your organization has reached its monthly spend limit.', {
      error_code: 'enforced_spend_limit_reached',
    }),
  },
  billing_error: {
    status: 402,
    body: body('billing_error', 'There is an issue with your billing or payment information.'),
  },
  long_context_not_allowed: {
    status: 429,
    body: body('rate_limit_error', 'Extra usage is required for long context requests.'),
  },
  rate_limit_error: {
    status: 429,
    headers: { 'retry-after': '30' },
    body: body(
      'rate_limit_error',
      "This request would exceed your organization's rate limit of 50 requests per minute.",
    ),
  },
  authentication_error: { status: 401, body: body('authentication_error', 'invalid x-api-key') },
  organization_disabled: {
    status: 400,
    body: body('invalid_request_error', 'This organization has been disabled.'),
  },
  permission_error: {
    status: 403,
    body: body('permission_error', 'Your API key does not have permission to use the specified resource.'),
  },
  prompt_too_long: {
    status: 400,
    body: body('invalid_request_error', 'prompt is too long: 208310 tokens > 200000 maximum'),
  },
  request_too_large: {
    status: 413,
    body: body('request_too_large', 'Request exceeds the maximum allowed number of bytes.'),
  },
  tool_use_without_result: {
    status: 400,
    body: body(
      'invalid_request_error',
      'messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_01. Each `tool_use` block must have a corresponding `tool_result` block in the next message.',
    ),
  },
  history_refused: {
    status: 400,
    body: body('invalid_request_error', 'messages: text content blocks must be non-empty'),
  },
  not_found_error: { status: 404, body: body('not_found_error', 'model: claude-none') },
  overloaded_error: { status: 529, body: body('overloaded_error', 'Overloaded') },
  api_error: { status: 500, body: body('api_error', 'Internal server error') },
  timeout_error: { status: 504, body: body('timeout_error', 'Request timed out.') },
};
