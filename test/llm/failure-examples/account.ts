import { type Examples, errorBody } from './example.ts';

const says = (message: string, more: Record<string, unknown> = {}): string =>
  JSON.stringify({ error: { message, ...more } });

const google = (message: string, more: Record<string, unknown> = {}): string =>
  JSON.stringify([{ error: { code: 429, message, status: 'RESOURCE_EXHAUSTED', ...more } }]);

export const ACCOUNT_EXAMPLES: Examples = {
  usage_limit_of_plan: {
    status: 429,
    body: says('Usage limit reached for 5 hour. Your limit will reset at 2026-11-22 21:31:39', {
      code: '1308',
    }),
  },
  plan_without_model: {
    status: 403,
    body: says('this model requires a subscription, upgrade for access', { type: 'permission_error' }),
  },
  key_of_gateway_not_valid: {
    status: 400,
    body: says('The key is past its time', { type: 'expired_key', code: '400' }),
  },
  google_prepay_used_up: {
    status: 429,
    body: google('Your prepayment credits are depleted. Please go to AI Studio to manage your billing.'),
  },
  google_spending_cap: { status: 429, body: google('Your project has exceeded its monthly spending cap.') },
  google_no_free_tier: {
    status: 429,
    body: google(
      'You exceeded your current quota. * Quota exceeded for metric: generativelanguage.googleapis.com/generate_content_free_tier_requests, limit: 0',
    ),
  },
  google_daily_quota: {
    status: 429,
    body: google('You exceeded your current quota. Please retry in 18s.', {
      details: [
        {
          '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
          violations: [{ quotaId: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier' }],
        },
        { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '18s' },
      ],
    }),
  },
  google_daily_quota_in_words: {
    status: 429,
    body: says(
      `litellm.RateLimitError: geminiException - ${google(
        'You exceeded your current quota. Please retry in 18s.',
        {
          details: [{ violations: [{ quotaId: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier' }] }],
        },
      )}`,
      { type: 'throttling_error', code: '429' },
    ),
  },
  calls_under_way_hold_credit: {
    status: 402,
    headers: { 'retry-after': '4' },
    body: says('Credits are reserved', {
      code: 402,
      metadata: { limit_source: 'openrouter_in_flight_budget' },
    }),
  },
  allocated_quota_exceeded: {
    status: 429,
    body: errorBody(
      'Allocated quota exceeded, please increase your quota limit.',
      'insufficient_quota',
      'insufficient_quota',
    ),
  },
  throttled: {
    status: 429,
    body: JSON.stringify({
      message: 'Too many tokens, please wait before trying again.',
      __type: 'ThrottlingException',
    }),
  },
  account_overdue: {
    status: 429,
    body: says(
      'Your account is suspended due to insufficient balance, please recharge your account or check your plan and billing details',
      { type: 'exceeded_current_quota_error' },
    ),
  },
  account_unpaid: {
    status: 403,
    body: JSON.stringify({
      code: 'The caller does not have permission to execute the specified operation',
      error: "Your newly created team doesn't have any credits or licenses yet.",
    }),
  },
  free_quota_used_up: {
    status: 403,
    body: says('The free tier of the model has been exhausted.', { code: 'AllocationQuota.FreeTierOnly' }),
  },
  limit_of_a_minute: {
    status: 429,
    body: errorBody(
      'You exceeded your current quota, please check your plan and billing details. For details, see: https://help.aliyun.com/zh/model-studio/error-code#token-limit',
      'insufficient_quota',
      'insufficient_quota',
    ),
  },
  credit_limit: { status: 402, body: says('Please add credits.', { type: 'credit_limit' }) },
  key_not_valid: {
    status: 400,
    body: JSON.stringify([
      {
        error: {
          code: 400,
          message: 'API key not valid. Please pass a valid API key.',
          status: 'INVALID_ARGUMENT',
          details: [{ reason: 'API_KEY_INVALID' }],
        },
      },
    ]),
  },
  account_closed: {
    status: 400,
    body: errorBody(
      'Organization has been restricted. Please reach out to support.',
      'invalid_request_error',
      'organization_restricted',
    ),
  },
  access_denied: {
    status: 403,
    body: says('Your project has been denied access. Please contact support.', {
      code: 403,
      status: 'PERMISSION_DENIED',
    }),
  },
};
