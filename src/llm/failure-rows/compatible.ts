import { NO_SUCH_PATH, NOT_IMPLEMENTED } from './responses.ts';
import { errorBody, type FailureRow } from './row.ts';

const plain = (message: string, code: number | string): string =>
  JSON.stringify({ error: { message, code } });

/** Wordings of those who speak OpenAI's format: OpenRouter, xAI, DeepSeek, Mistral, Google, LiteLLM, vLLM, Ollama, llama.cpp. */
export const COMPATIBLE_ROWS: readonly FailureRow[] = [
  {
    name: 'credits_used_up',
    kind: 'money',
    words:
      /insufficient (credits?|balance|funds)|requires more credits|more credits are required|used all available credits|not enough credits|credit limit (exceeded|reached)|monthly spending limit/i,
    says: 'the account has no credit left',
    example: {
      status: 402,
      body: plain(
        'This request requires more credits, or fewer max_tokens. You requested up to 16384 tokens, but can only afford 3919. To increase, visit https://openrouter.ai/settings/credits and upgrade to a paid account',
        402,
      ),
    },
  },
  {
    name: 'quota_of_key',
    kind: 'money',
    words: /key limit exceeded|exceeded_current_quota|budget has been exceeded|ExceededBudget/i,
    says: "the key's own spend limit is reached",
    example: {
      status: 403,
      body: plain('Key limit exceeded (total limit). Manage it using the keys page.', 403),
    },
  },
  {
    name: 'payment_required',
    kind: 'money',
    status: [402],
    says: 'the provider wants to be paid',
    example: { status: 402, body: plain('Payment required', 402) },
  },
  {
    name: 'context_too_long',
    kind: 'context',
    status: [400, 413, 422, 500],
    words:
      /maximum context length|context (window|size|length)|(input|prompt) (is )?too (long|large)|exceeds? (the )?(available )?context|too many (input )?tokens|reduce the length of the (messages|prompt)|max_seq_len|max_model_len/i,
    says: 'the conversation is longer than the model can read',
    example: {
      status: 400,
      body: plain('the request exceeds the available context size, try increasing it', 400),
    },
  },
  {
    name: 'payload_too_large',
    kind: 'context',
    status: [413],
    says: 'the request is larger than the provider takes',
    example: { status: 413, body: '<html><body>413 Request Entity Too Large</body></html>' },
  },
  {
    name: 'tool_call_id_form',
    kind: 'malformed',
    words:
      /tool call id was|not the same number of function calls|expected last role|conversation roles must alternate|missing a thought_signature/i,
    says: 'the history is refused',
    repair: 'plain_history',
    example: {
      status: 400,
      body: JSON.stringify({
        object: 'error',
        message: 'Tool call id was call_abc but must be a-z, A-Z, 0-9, with a length of 9.',
        type: 'invalid_function_call',
        code: '3280',
      }),
    },
  },
  {
    name: 'moderation',
    kind: 'refusal',
    status: [403],
    words: /moderation|flagged/i,
    says: "the provider's policy refuses the prompt",
    example: {
      status: 403,
      body: plain('Your chosen model requires moderation and your input was flagged', 403),
    },
  },
  {
    name: 'resource_exhausted',
    kind: 'rate',
    codes: [
      'RESOURCE_EXHAUSTED',
      'token_quota_exceeded',
      'request_quota_exceeded',
      'rate_limit_reached_error',
    ],
    says: 'a quota of requests or tokens is used up',
    example: {
      status: 429,
      body: '[{"error":{"code":429,"message":"Quota exceeded for metric generate_requests. Please retry in 34.1s.","status":"RESOURCE_EXHAUSTED"}}]',
    },
  },
  {
    name: 'too_many_requests',
    kind: 'rate',
    status: [429],
    says: 'too many requests',
    example: {
      status: 429,
      headers: { 'retry-after': 'Sun, 22 Nov 2026 12:00:30 GMT' },
      body: plain('Rate limit exceeded: free-models-per-min.', 429),
    },
  },
  {
    name: 'unauthorized',
    kind: 'key',
    status: [401],
    says: 'the key is refused',
    example: { status: 401, body: plain('No auth credentials found', 401) },
  },
  {
    name: 'forbidden',
    kind: 'key',
    status: [403],
    says: 'the key may not do this',
    example: { status: 403, body: errorBody('You are not allowed to use this model.', 'forbidden') },
  },
  NOT_IMPLEMENTED,
  NO_SUCH_PATH,
  {
    name: 'not_found',
    kind: 'config',
    status: [404, 405, 407, 410],
    says: 'there is no such model, or the base URL is wrong',
    example: {
      status: 404,
      body: '{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}',
    },
  },
  {
    name: 'redirect',
    kind: 'config',
    status: [301, 302, 303, 307, 308],
    says: 'the base URL answers with a redirect, which is not followed because it would carry the key elsewhere; give the final address',
    example: { status: 301, headers: { location: 'https://other.example/v1' }, body: '' },
  },
  {
    name: 'web_page',
    kind: 'outage',
    status: [200],
    words: /^\s*<(!doctype|html)/i,
    says: 'the base URL answers with a web page: it is wrong, or a network asks for a sign-in',
    perhapsBilled: false,
    example: { status: 200, body: '<!DOCTYPE html><html><body>Sign in to the network</body></html>' },
  },
  {
    name: 'server_error',
    kind: 'outage',
    codes: ['server_error', 'internal_error', 'internal_server_error', 'service_unavailable'],
    says: 'the provider has an internal error',
    example: {
      status: 500,
      body: errorBody(
        'The server had an error while processing your request. Sorry about that!',
        'server_error',
      ),
    },
  },
  {
    name: 'gateway_timeout',
    kind: 'outage',
    status: [408, 499, 504, 524],
    says: 'a gateway ran out of time',
    perhapsBilled: true,
    example: { status: 524, body: '<html><title>524: A timeout occurred</title></html>' },
  },
  {
    name: 'unavailable',
    kind: 'outage',
    status: [500, 502, 503, 520, 521, 522, 523, 529],
    says: 'the provider has an outage',
    example: { status: 502, body: plain('Provider returned error', 502) },
  },
];
