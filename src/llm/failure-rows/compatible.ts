import { NO_SUCH_PATH, NOT_IMPLEMENTED } from './responses.ts';
import type { FailureRow } from './row.ts';

/** Wordings of those who speak OpenAI's format: OpenRouter, xAI, DeepSeek, Mistral, Google, LiteLLM, vLLM, Ollama, llama.cpp. */
export const COMPATIBLE_ROWS: readonly FailureRow[] = [
  {
    name: 'quota_of_key',
    kind: 'money',
    words: /key limit exceeded|exceeded_current_quota|budget has been exceeded|ExceededBudget/i,
    says: "the key's own spend limit is reached",
  },
  {
    name: 'payment_required',
    kind: 'money',
    status: [402],
    says: 'the provider wants to be paid',
  },
  {
    name: 'context_too_long',
    kind: 'context',
    status: [400, 413, 422, 500],
    words:
      /maximum context length|context (window|size|length)|(input|prompt) (is )?too (long|large)|exceeds? (the )?(available )?context|too many (input )?tokens|reduce the length of the (messages|prompt)|max_seq_len|max_model_len/i,
    says: 'the conversation is longer than the model can read',
  },
  {
    name: 'payload_too_large',
    kind: 'context',
    status: [413],
    says: 'the request is larger than the provider takes',
  },
  {
    name: 'tool_call_id_form',
    kind: 'malformed',
    words:
      /tool call id was|not the same number of function calls|expected last role|conversation roles must alternate|missing a thought_signature/i,
    says: 'the history is refused',
    repair: 'plain_history',
  },
  {
    name: 'moderation',
    kind: 'refusal',
    status: [403],
    words: /moderation|flagged/i,
    says: "the provider's policy refuses the prompt",
  },
  {
    name: 'resource_exhausted',
    kind: 'rate',
    codes: [
      'RESOURCE_EXHAUSTED',
      'token_quota_exceeded',
      'request_quota_exceeded',
      'rate_limit_reached_error',
      ...['slow_down', 'dynamic_request_limited'],
      ...['base_resp.1002', 'base_resp.1039', 'base_resp.1041'],
    ],
    says: 'a quota of requests or tokens is used up',
  },
  {
    name: 'quota_used_up',
    kind: 'money',
    words: /exceeded your current quota/i,
    says: 'the account has no credit left, or its quota is used up',
  },
  {
    // In words, for an event of a stream that has neither a status nor a name.
    name: 'limit_in_words',
    kind: 'rate',
    status: [429],
    words:
      /rate limit (is |was |has been )?(exceeded|reached)|too many requests|(retry|try again) (in|after) [\d.]+ ?(ms|s|m)(ec|in|\d|\b)/i,
    says: 'too many requests',
  },
  {
    name: 'too_many_requests',
    kind: 'rate',
    status: [429],
    says: 'too many requests',
  },
  {
    name: 'web_page',
    kind: 'outage',
    status: [200, 403],
    words: /^\s*<(!doctype|html)/i,
    says: 'the base URL answers with a web page: it is wrong, a network asks for a sign-in, or a firewall stands before it',
    perhapsBilled: false,
  },
  {
    name: 'unauthorized',
    kind: 'key',
    status: [401],
    words:
      /key\b|credential|invalid authentication|authentication fail(s|ed)|invalid username or password|(invalid|expired|missing|revoked|unknown|wrong|no) .{0,30}token\b|token .{0,30}(invalid|expired|missing|revoked|not (valid|found))|令牌.{0,8}(无效|过期)|无效的令牌/i,
    says: 'the key is refused',
  },
  {
    name: 'forbidden',
    kind: 'key',
    status: [403],
    words: /(api|access|subscription|secret)[ _-]?key\b/i,
    says: 'the key may not do this',
  },
  {
    // A gateway, a firewall or a sign-in that is down says the same: a probe tells when it is over.
    name: 'refused_without_reason',
    kind: 'config',
    status: [401, 403],
    says: 'the provider, or what stands before it, does not let this request through and does not say why; if the key is wrong: df provider set-key',
  },
  NOT_IMPLEMENTED,
  NO_SUCH_PATH,
  {
    name: 'not_found',
    kind: 'config',
    status: [404, 405, 407, 410],
    says: 'there is no such model, or the base URL is wrong',
  },
  {
    name: 'redirect',
    kind: 'config',
    status: [301, 302, 303, 307, 308],
    says: 'the base URL answers with a redirect, which is not followed because it would carry the key elsewhere; give the final address',
  },
  {
    // OpenRouter's, for whatever a host behind it did; where that said why, its words follow.
    name: 'failed_behind',
    kind: 'outage',
    status: [400],
    words: /^provider returned error(\s*\|\s*["'{}\s]*(error)?["'{}\s]*)?$/i,
    says: 'a host behind the gateway failed and does not say why',
  },
  {
    name: 'server_error',
    kind: 'outage',
    codes: ['server_error', 'internal_error', 'internal_server_error', 'service_unavailable'],
    says: 'the provider has an internal error',
  },
  {
    name: 'gateway_timeout',
    kind: 'outage',
    status: [408, 499, 504, 524],
    says: 'a gateway ran out of time',
    perhapsBilled: true,
  },
  {
    name: 'unavailable',
    kind: 'outage',
    status: [500, 502, 503, 520, 521, 522, 523, 529],
    says: 'the provider has an outage',
  },
];
