import { type Examples, errorBody } from './example.ts';

export const OPENAI_EXAMPLES: Examples = {
  insufficient_quota: {
    status: 429,
    body: errorBody(
      'You exceeded your current quota, please check your plan and billing details. For more information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.',
      'insufficient_quota',
      'insufficient_quota',
    ),
  },
  spend_limit_exceeded: {
    status: 429,
    body: errorBody(
      'Your project has reached its monthly spend limit.',
      'insufficient_funds',
      'project_spend_limit_exceeded',
    ),
  },
  billing_hard_limit: {
    status: 400,
    body: errorBody('Billing hard limit has been reached', 'invalid_request_error'),
  },
  billing_not_active: {
    status: 429,
    body: errorBody(
      'Your account is not active, please check your billing details on our website.',
      'billing_not_active',
      'billing_not_active',
    ),
  },
  request_larger_than_rate: {
    status: 429,
    body: errorBody(
      'Request too large for gpt-4.1 in organization org-x on tokens per min (TPM): Limit 30000, Requested 45120. The input or output tokens must be reduced in order to run successfully.',
      'tokens',
      'rate_limit_exceeded',
    ),
  },
  rate_limit_exceeded: {
    status: 429,
    headers: { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '1m2s' },
    body: errorBody(
      'Rate limit reached for gpt-4.1 in organization org-x on requests per min (RPM): Limit 500, Used 500, Requested 1. Please try again in 120ms.',
      'requests',
      'rate_limit_exceeded',
    ),
  },
  invalid_api_key: {
    status: 401,
    body: errorBody(
      'Incorrect API key provided: sk-abcde*************wxyz. You can find your API key at https://platform.openai.com/account/api-keys.',
      'invalid_request_error',
      'invalid_api_key',
    ),
  },
  unsupported_limit_name: {
    status: 400,
    body: errorBody(
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      'invalid_request_error',
      'unsupported_parameter',
    ),
  },
  unsupported_stream_options: {
    status: 400,
    body: errorBody('Unrecognized request argument supplied: stream_options', 'invalid_request_error'),
  },
  output_limit_too_large: {
    status: 400,
    body: errorBody(
      'max_tokens is too large: 8192. This model supports at most 4096 completion tokens, whereas you provided 8192.',
      'invalid_request_error',
      'invalid_value',
    ),
  },
  tool_call_invalid: {
    status: 400,
    body: errorBody(
      "Invalid 'messages[1].tool_calls[0].id': string too long. Expected a string with maximum length 40, but got a string with length 52 instead.",
      'invalid_request_error',
      'string_above_max_length',
    ),
  },
  context_length_exceeded: {
    status: 400,
    body: errorBody(
      "This model's maximum context length is 128000 tokens. However, your messages resulted in 130245 tokens.",
      'invalid_request_error',
      'context_length_exceeded',
    ),
  },
  tool_results_out_of_order: {
    status: 400,
    body: errorBody(
      "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
      'invalid_request_error',
    ),
  },
  message_invalid: {
    status: 400,
    body: errorBody("Invalid value for 'content': expected a string, got null.", 'invalid_request_error'),
  },
  model_not_found: {
    status: 404,
    body: errorBody(
      'The model `gpt-none` does not exist or you do not have access to it.',
      'invalid_request_error',
      'model_not_found',
    ),
  },
  content_policy: {
    status: 400,
    body: errorBody(
      "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
      'invalid_request_error',
      'content_filter',
    ),
  },
  region_not_supported: {
    status: 403,
    body: errorBody(
      'Country, region, or territory not supported',
      'request_forbidden',
      'unsupported_country_region_territory',
    ),
  },
};
