import type { FailureRow } from './row.ts';

/** OpenAI's wordings; those who speak its format often use them too. The order counts: the first row that fits is used. */
export const OPENAI_ROWS: readonly FailureRow[] = [
  {
    name: 'insufficient_quota',
    kind: 'money',
    codes: ['insufficient_quota', 'credit_balance_exhausted'],
    says: 'the account has no credit left',
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
  },
  {
    name: 'billing_hard_limit',
    kind: 'money',
    words: /billing hard limit has been reached/i,
    says: "the account's monthly spend limit is reached",
    resets: 'next_month',
  },
  {
    name: 'billing_not_active',
    kind: 'money',
    codes: ['billing_not_active'],
    says: "the account's billing is not active",
  },
  {
    name: 'request_larger_than_rate',
    kind: 'context',
    status: [413, 429],
    words: /request too large|tokens must be reduced/i,
    says: 'the request alone is larger than the tokens allowed in a minute',
  },
  {
    name: 'rate_limit_exceeded',
    kind: 'rate',
    status: [429],
    codes: ['rate_limit_exceeded', 'requests', 'tokens'],
    says: 'too many requests or tokens in a minute or a day',
  },
  {
    name: 'invalid_api_key',
    kind: 'key',
    codes: ['invalid_api_key'],
    says: 'the key is refused',
  },
  {
    name: 'unsupported_limit_name',
    kind: 'request',
    words:
      /(unsupported|unrecognized|unknown|extra|not permitted|not supported).{0,80}max_(completion_)?tokens|max_(completion_)?tokens.{0,80}(unsupported|not supported|unrecognized|not permitted|unknown)/i,
    says: 'the endpoint knows the output limit by its other name only',
    repair: 'limit_name',
  },
  {
    name: 'unsupported_stream_options',
    kind: 'request',
    words: /stream_options|include_usage/i,
    says: 'the endpoint does not know stream options',
    repair: 'no_stream_options',
  },
  {
    name: 'output_limit_too_large',
    kind: 'request',
    words:
      /max_(completion_|output_)?tokens.{0,30}((is )?too large|above maximum value|must be less than or equal to)|range of [`'"]?max_(completion_|output_)?tokens|max_tokens: \d+ > \d+|supports at most \d+ completion tokens/i,
    says: 'the model cannot write that much in one reply',
    repair: 'lower_limit',
  },
  {
    name: 'tool_call_invalid',
    kind: 'malformed',
    words: /invalid '?messages\[\d+\]\.tool_calls/i,
    says: 'the history is refused',
    repair: 'plain_history',
  },
  {
    name: 'context_length_exceeded',
    kind: 'context',
    codes: ['context_length_exceeded', 'string_above_max_length'],
    says: 'the conversation is longer than the model can read',
  },
  {
    name: 'tool_results_out_of_order',
    kind: 'malformed',
    words:
      /messages with role 'tool' must be a response|'?tool_call_id'?s? (did not have|must be followed)|must be followed by tool messages/i,
    says: 'the history is refused',
    repair: 'plain_history',
  },
  {
    name: 'message_invalid',
    kind: 'malformed',
    status: [400, 422],
    words: /invalid ('|type for |value for )?'?(messages\[|content)|invalid value for 'content'/i,
    says: 'the history is refused',
    repair: 'plain_history',
  },
  {
    name: 'model_not_found',
    kind: 'config',
    codes: ['model_not_found'],
    // A gateway that has the model, but nobody behind it at the moment.
    notWords: /无可用渠道|no available channel/i,
    says: 'the model does not exist or this key may not use it',
  },
  {
    name: 'content_policy',
    kind: 'refusal',
    codes: ['content_filter', 'invalid_prompt'],
    says: "the provider's policy refuses the prompt",
  },
  {
    name: 'region_not_supported',
    kind: 'config',
    codes: ['unsupported_country_region_territory'],
    says: 'the provider does not serve this country or address',
  },
];
