import { type Examples, errorBody } from './example.ts';

const plain = (message: string, code: number | string): string =>
  JSON.stringify({ error: { message, code } });

export const COMPATIBLE_EXAMPLES: Examples = {
  credits_used_up: {
    status: 402,
    body: plain(
      'This request requires more credits, or fewer max_tokens. You requested up to 16384 tokens, but can only afford 3919. To increase, visit https://openrouter.ai/settings/credits and upgrade to a paid account',
      402,
    ),
  },
  quota_of_key: {
    status: 403,
    body: plain('Key limit exceeded (total limit). Manage it using the keys page.', 403),
  },
  payment_required: { status: 402, body: plain('Payment required', 402) },
  context_too_long: {
    status: 400,
    body: plain('the request exceeds the available context size, try increasing it', 400),
  },
  payload_too_large: { status: 413, body: '<html><body>413 Request Entity Too Large</body></html>' },
  tool_call_id_form: {
    status: 400,
    body: JSON.stringify({
      object: 'error',
      message: 'Tool call id was call_abc but must be a-z, A-Z, 0-9, with a length of 9.',
      type: 'invalid_function_call',
      code: '3280',
    }),
  },
  moderation: {
    status: 403,
    body: plain('Your chosen model requires moderation and your input was flagged', 403),
  },
  resource_exhausted: {
    status: 429,
    body: '[{"error":{"code":429,"message":"Quota exceeded for metric generate_requests. Please retry in 34.1s.","status":"RESOURCE_EXHAUSTED"}}]',
  },
  too_many_requests: {
    status: 429,
    headers: { 'retry-after': 'Sun, 22 Nov 2026 12:00:30 GMT' },
    body: plain('Service tier capacity exceeded for this model.', 429),
  },
  limit_in_words: { status: 429, body: plain('Rate limit exceeded: free-models-per-min.', 429) },
  unauthorized: { status: 401, body: plain('No auth credentials found', 401) },
  forbidden: { status: 403, body: errorBody('This API key is blocked.', 'forbidden') },
  refused_without_reason: { status: 403, body: errorBody('Request not allowed', 'forbidden') },
  not_found: {
    status: 404,
    body: '{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}',
  },
  quota_used_up: {
    status: 429,
    body: errorBody('You exceeded your current quota, please check your plan and billing details', 'quota'),
  },
  redirect: { status: 301, headers: { location: 'https://other.example/v1' }, body: '' },
  web_page: { status: 200, body: '<!DOCTYPE html><html><body>Sign in to the network</body></html>' },
  failed_behind: {
    status: 400,
    body: '{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"ERROR","provider_name":"Novita"}}}',
  },
  server_error: {
    status: 500,
    body: errorBody(
      'The server had an error while processing your request. Sorry about that!',
      'server_error',
    ),
  },
  gateway_timeout: { status: 524, body: '<html><title>524: A timeout occurred</title></html>' },
  unavailable: { status: 502, body: plain('Provider returned error', 502) },
};
