import { errorBody, type FailureRow } from './row.ts';

/** OpenAI's wordings; those who speak its format often use them too. The order counts: the first row that fits is used. */
export const OPENAI_ROWS: readonly FailureRow[] = [
  {
    name: 'insufficient_quota',
    kind: 'money',
    codes: ['insufficient_quota', 'credit_balance_exhausted'],
    says: 'the account has no credit left',
    example: {
      status: 429,
      body: errorBody(
        'You exceeded your current quota, please check your plan and billing details. For more information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.',
        'insufficient_quota',
        'insufficient_quota',
      ),
    },
  },
  {
    name: 'spend_limit_exceeded',
    kind: 'money',
    codes: [
      'organization_spend_limit_exceeded',
      'project_spend_limit_exceeded',
      'organization_usage_limit_exceeded',
      'billing_hard_limit_reached',
    ],
    says: "the account's monthly spend limit is reached",
    resets: 'next_month',
    example: {
      status: 429,
      body: errorBody(
        'Your project has reached its monthly spend limit.',
        'insufficient_funds',
        'project_spend_limit_exceeded',
      ),
    },
  },
  {
    name: 'billing_hard_limit',
    kind: 'money',
    words: /billing hard limit has been reached/i,
    says: "the account's monthly spend limit is reached",
    resets: 'next_month',
    example: { status: 400, body: errorBody('Billing hard limit has been reached', 'invalid_request_error') },
  },
  {
    name: 'billing_not_active',
    kind: 'money',
    codes: ['billing_not_active'],
    says: "the account's billing is not active",
    example: {
      status: 429,
      body: errorBody(
        'Your account is not active, please check your billing details on our website.',
        'billing_not_active',
        'billing_not_active',
      ),
    },
  },
  {
    name: 'request_larger_than_rate',
    kind: 'context',
    status: [413, 429],
    words: /request too large|tokens must be reduced/i,
    says: 'the request alone is larger than the tokens allowed in a minute',
    example: {
      status: 429,
      body: errorBody(
        'Request too large for gpt-4.1 in organization org-x on tokens per min (TPM): Limit 30000, Requested 45120. The input or output tokens must be reduced in order to run successfully.',
        'tokens',
        'rate_limit_exceeded',
      ),
    },
  },
  {
    name: 'rate_limit_exceeded',
    kind: 'rate',
    status: [429],
    codes: ['rate_limit_exceeded', 'requests', 'tokens'],
    says: 'too many requests or tokens in a minute or a day',
    example: {
      status: 429,
      headers: { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '1m2s' },
      body: errorBody(
        'Rate limit reached for gpt-4.1 in organization org-x on requests per min (RPM): Limit 500, Used 500, Requested 1. Please try again in 120ms.',
        'requests',
        'rate_limit_exceeded',
      ),
    },
  },
  {
    name: 'invalid_api_key',
    kind: 'key',
    codes: ['invalid_api_key'],
    says: 'the key is refused',
    example: {
      status: 401,
      body: errorBody(
        'Incorrect API key provided: sk-abcde*************wxyz. You can find your API key at https://platform.openai.com/account/api-keys.',
        'invalid_request_error',
        'invalid_api_key',
      ),
    },
  },
  {
    name: 'unsupported_limit_name',
    kind: 'request',
    words:
      /(unsupported|unrecognized|unknown|extra|not permitted|not supported).{0,80}max_(completion_)?tokens|max_(completion_)?tokens.{0,80}(unsupported|not supported|unrecognized|not permitted|unknown)/i,
    says: 'the endpoint knows the output limit by its other name only',
    repair: 'limit_name',
    example: {
      status: 400,
      body: errorBody(
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        'invalid_request_error',
        'unsupported_parameter',
      ),
    },
  },
  {
    name: 'unsupported_stream_options',
    kind: 'request',
    words: /stream_options|include_usage/i,
    says: 'the endpoint does not know stream options',
    repair: 'no_stream_options',
    example: {
      status: 400,
      body: errorBody('Unrecognized request argument supplied: stream_options', 'invalid_request_error'),
    },
  },
  {
    name: 'output_limit_too_large',
    kind: 'request',
    words:
      /max_(completion_|output_)?tokens.{0,30}((is )?too large|above maximum value)|max_tokens: \d+ > \d+|supports at most \d+ completion tokens/i,
    says: 'the model cannot write that much in one reply',
    repair: 'lower_limit',
    example: {
      status: 400,
      body: errorBody(
        'max_tokens is too large: 8192. This model supports at most 4096 completion tokens, whereas you provided 8192.',
        'invalid_request_error',
        'invalid_value',
      ),
    },
  },
  {
    name: 'tool_call_invalid',
    kind: 'malformed',
    words: /invalid '?messages\[\d+\]\.tool_calls/i,
    says: 'the history is refused',
    repair: 'plain_history',
    example: {
      status: 400,
      body: errorBody(
        "Invalid 'messages[1].tool_calls[0].id': string too long. Expected a string with maximum length 40, but got a string with length 52 instead.",
        'invalid_request_error',
        'string_above_max_length',
      ),
    },
  },
  {
    name: 'context_length_exceeded',
    kind: 'context',
    codes: ['context_length_exceeded', 'string_above_max_length'],
    says: 'the conversation is longer than the model can read',
    example: {
      status: 400,
      body: errorBody(
        "This model's maximum context length is 128000 tokens. However, your messages resulted in 130245 tokens.",
        'invalid_request_error',
        'context_length_exceeded',
      ),
    },
  },
  {
    name: 'tool_results_out_of_order',
    kind: 'malformed',
    words:
      /messages with role 'tool' must be a response|'?tool_call_id'?s? (did not have|must be followed)|must be followed by tool messages/i,
    says: 'the history is refused',
    repair: 'plain_history',
    example: {
      status: 400,
      body: errorBody(
        "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
        'invalid_request_error',
      ),
    },
  },
  {
    name: 'message_invalid',
    kind: 'malformed',
    status: [400, 422],
    words: /invalid ('|type for |value for )?'?(messages\[|content)|invalid value for 'content'/i,
    says: 'the history is refused',
    repair: 'plain_history',
    example: {
      status: 400,
      body: errorBody("Invalid value for 'content': expected a string, got null.", 'invalid_request_error'),
    },
  },
  {
    name: 'model_not_found',
    kind: 'config',
    codes: ['model_not_found'],
    says: 'the model does not exist or this key may not use it',
    example: {
      status: 404,
      body: errorBody(
        'The model `gpt-none` does not exist or you do not have access to it.',
        'invalid_request_error',
        'model_not_found',
      ),
    },
  },
  {
    name: 'content_policy',
    kind: 'refusal',
    codes: ['content_filter', 'invalid_prompt'],
    says: "the provider's policy refuses the prompt",
    example: {
      status: 400,
      body: errorBody(
        "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
        'invalid_request_error',
        'content_filter',
      ),
    },
  },
  {
    name: 'region_not_supported',
    kind: 'config',
    codes: ['unsupported_country_region_territory'],
    says: 'the provider does not serve this country or address',
    example: {
      status: 403,
      body: errorBody(
        'Country, region, or territory not supported',
        'request_forbidden',
        'unsupported_country_region_territory',
      ),
    },
  },
];
