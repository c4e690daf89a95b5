import type { Fault } from './faults.ts';
import type { WireFormat } from './record.ts';

/** A fault that is a plain HTTP answer. */
export interface FaultReply {
  status: number;
  headers: Record<string, string>;
  body: string;
}

const json = (status: number, body: unknown, headers: Record<string, string> = {}): FaultReply => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

const openaiError = (
  status: number,
  message: string,
  type: string,
  code: string | null,
  headers?: Record<string, string>,
) => json(status, { error: { message, type, param: null, code } }, headers);

const anthropicError = (status: number, type: string, message: string, headers?: Record<string, string>) =>
  json(status, { type: 'error', error: { type, message }, request_id: 'req_scripted' }, headers);

const openrouterError = (status: number, message: string, headers?: Record<string, string>) =>
  json(status, { error: { code: status, message } }, headers);

/** Faults that are a status and a body. `undefined`: the fault is something else (a cut, a hang, a reset). */
export function faultReply(fault: Fault, format: WireFormat, dialect: string): FaultReply | undefined {
  switch (fault.fault) {
    case 'http':
      return { status: fault.status, headers: fault.headers ?? {}, body: fault.body };
    case 'not_json':
      return {
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: '{"id": "chatcmpl-1", "choi',
      };
    case 'empty_body':
      return { status: 200, headers: { 'content-type': 'text/event-stream' }, body: '' };
    case 'html':
      return {
        status: fault.status ?? 200,
        headers: { 'content-type': 'text/html; charset=utf-8' },
        body: '<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in to the network.</body></html>',
      };
    default:
      if (format === 'anthropic') return anthropicFault(fault);
      if (format === 'responses') return responsesFault(fault) ?? openaiFault(fault);
      return dialect === 'openrouter' ? (openrouterFault(fault) ?? openaiFault(fault)) : openaiFault(fault);
  }
}

function retryHeaders(fault: { retryAfter?: number | string; reset?: string }, resetHeader: string) {
  return {
    ...(fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) }),
    ...(fault.reset === undefined ? {} : { [resetHeader]: fault.reset }),
  };
}

function openaiFault(fault: Fault): FaultReply | undefined {
  switch (fault.fault) {
    case 'rate_limit':
      return openaiError(
        429,
        'Rate limit reached for gpt-4.1 in organization org-scripted on requests per min (RPM): Limit 500, Used 500, Requested 1.',
        'requests',
        'rate_limit_exceeded',
        retryHeaders(fault, 'x-ratelimit-reset-requests'),
      );
    case 'insufficient_quota':
    case 'credit_too_low':
      return openaiError(
        429,
        'You exceeded your current quota, please check your plan and billing details.',
        'insufficient_quota',
        'insufficient_quota',
      );
    case 'usage_limit':
      return openaiError(
        429,
        'Billing hard limit has been reached',
        'insufficient_quota',
        'billing_hard_limit_reached',
      );
    case 'payment_required':
      return openaiError(402, 'Payment required.', 'billing_error', null);
    case 'unauthorized':
      return openaiError(401, 'Incorrect API key provided.', 'invalid_request_error', 'invalid_api_key');
    case 'forbidden':
      return openaiError(
        403,
        'Your project does not have access to this model.',
        'invalid_request_error',
        'model_not_found',
      );
    case 'server_error':
      return openaiError(
        500,
        'The server had an error while processing your request. Sorry about that!',
        'server_error',
        null,
      );
    case 'overloaded':
      return openaiError(
        503,
        'The engine is currently overloaded, please try again later.',
        'server_error',
        null,
      );
    case 'context_length':
      return openaiError(
        400,
        "This model's maximum context length is 128000 tokens. However, your messages resulted in 130245 tokens. Please reduce the length of the messages.",
        'invalid_request_error',
        'context_length_exceeded',
      );
    case 'malformed_history':
      return openaiError(
        400,
        "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
        'invalid_request_error',
        null,
      );
    case 'model_not_found':
      return openaiError(
        404,
        'The model `gpt-none` does not exist or you do not have access to it.',
        'invalid_request_error',
        'model_not_found',
      );
    default:
      return undefined;
  }
}

/** Where the interface has words of its own. */
function responsesFault(fault: Fault): FaultReply | undefined {
  switch (fault.fault) {
    case 'context_length':
      return openaiError(
        400,
        'Your input exceeds the context window of this model. Please adjust your input and try again.',
        'invalid_request_error',
        'context_length_exceeded',
      );
    case 'malformed_history':
      return openaiError(
        400,
        'No tool output found for function call call_0123456789.',
        'invalid_request_error',
        null,
      );
    default:
      return undefined;
  }
}

function openrouterFault(fault: Fault): FaultReply | undefined {
  switch (fault.fault) {
    case 'rate_limit':
      return openrouterError(429, 'Rate limit exceeded', retryHeaders(fault, 'x-ratelimit-reset'));
    case 'insufficient_quota':
    case 'credit_too_low':
    case 'payment_required':
    case 'usage_limit':
      return openrouterError(
        402,
        'Insufficient credits. Add more using https://openrouter.ai/settings/credits',
      );
    case 'overloaded':
      return openrouterError(502, 'Provider returned error');
    default:
      return undefined;
  }
}

function anthropicFault(fault: Fault): FaultReply | undefined {
  switch (fault.fault) {
    case 'rate_limit':
      return anthropicError(
        429,
        'rate_limit_error',
        "This request would exceed your organization's rate limit of 50 requests per minute.",
        retryHeaders(fault, 'anthropic-ratelimit-requests-reset'),
      );
    case 'insufficient_quota':
      return json(429, {
        type: 'error',
        error: {
          type: 'rate_limit_error',
          message: 'Your organization has reached its monthly spend limit.',
          details: { error_code: 'enforced_spend_limit_reached' },
        },
        request_id: 'req_scripted',
      });
    case 'credit_too_low':
      return anthropicError(
        400,
        'invalid_request_error',
        'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.',
      );
    case 'usage_limit':
      return anthropicError(
        400,
        'invalid_request_error',
        `You have reached your specified API usage limits. You will regain access on ${fault.regainOn ?? '2026-12-01 at 00:00 UTC'}.`,
      );
    case 'payment_required':
      return anthropicError(
        402,
        'billing_error',
        'There is an issue with your billing or payment information.',
      );
    case 'unauthorized':
      return anthropicError(401, 'authentication_error', 'invalid x-api-key');
    case 'forbidden':
      return anthropicError(
        403,
        'permission_error',
        'Your API key does not have permission to use the specified resource.',
      );
    case 'server_error':
      return anthropicError(500, 'api_error', 'Internal server error');
    case 'overloaded':
      return anthropicError(529, 'overloaded_error', 'Overloaded');
    case 'context_length':
      return anthropicError(
        400,
        'invalid_request_error',
        'prompt is too long: 208310 tokens > 200000 maximum',
      );
    case 'malformed_history':
      return anthropicError(
        400,
        'invalid_request_error',
        'messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_01. Each `tool_use` block must have a corresponding `tool_result` block in the next message.',
      );
    case 'model_not_found':
      return anthropicError(404, 'not_found_error', 'model: claude-none');
    default:
      return undefined;
  }
}
