import { errorBody, type FailureRow } from './row.ts';

const says = (message: string, more: Record<string, unknown> = {}): string =>
  JSON.stringify({ error: { message, ...more } });

const google = (message: string, more: Record<string, unknown> = {}): string =>
  JSON.stringify([{ error: { code: 429, message, status: 'RESOURCE_EXHAUSTED', ...more } }]);

/** Empty, overdue and closed accounts, and keys, in the words of those whose status or code says something else. */
export const ACCOUNT_ROWS: readonly FailureRow[] = [
  {
    name: 'google_prepay_used_up',
    kind: 'money',
    words: /prepay(ment)? credits (are|have been|is)? ?(depleted|exhausted|used up)/i,
    says: 'the prepaid credit is used up',
    example: {
      status: 429,
      body: google('Your prepayment credits are depleted. Please go to AI Studio to manage your billing.'),
    },
  },
  {
    name: 'google_spending_cap',
    kind: 'money',
    words: /exceeded its (monthly )?spend(ing)? cap/i,
    says: "the project's monthly spending cap is reached",
    resets: 'next_month',
    example: { status: 429, body: google('Your project has exceeded its monthly spending cap.') },
  },
  {
    name: 'google_no_free_tier',
    kind: 'money',
    words: /free_tier[\s\S]*limit: 0\b/i,
    says: 'the free tier does not include this model',
    example: {
      status: 429,
      body: google(
        'You exceeded your current quota. * Quota exceeded for metric: generativelanguage.googleapis.com/generate_content_free_tier_requests, limit: 0',
      ),
    },
  },
  {
    name: 'google_daily_quota',
    kind: 'rate',
    codeWords: /PerDay/,
    says: 'the quota of the day is used up',
    resets: 'pacific_midnight',
    example: {
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
  },
  {
    name: 'calls_under_way_hold_credit',
    kind: 'rate',
    codes: ['openrouter_in_flight_budget'],
    says: 'calls that are under way hold the credit that is left',
    example: {
      status: 402,
      headers: { 'retry-after': '4' },
      body: says('Credits are reserved', {
        code: 402,
        metadata: { limit_source: 'openrouter_in_flight_budget' },
      }),
    },
  },
  {
    name: 'allocated_quota_exceeded',
    kind: 'rate',
    words: /allocated quota exceeded|exceeded your current request limit/i,
    says: 'too many requests or tokens in a minute',
    example: {
      status: 429,
      body: errorBody(
        'Allocated quota exceeded, please increase your quota limit.',
        'insufficient_quota',
        'insufficient_quota',
      ),
    },
  },
  {
    name: 'account_overdue',
    kind: 'money',
    codes: ['Arrearage', 'AccountOverdueError', 'exceeded_current_quota_error', 'blocked_api_access'],
    says: 'the account is not paid',
    example: {
      status: 429,
      body: says(
        'Your account is suspended due to insufficient balance, please recharge your account or check your plan and billing details',
        { type: 'exceeded_current_quota_error' },
      ),
    },
  },
  {
    name: 'account_unpaid',
    kind: 'money',
    words:
      /account is in good standing|overdue balance|suspended, possibly due to reaching the monthly spending|inactive subscription or usage limit reached|not active, current state|no resource package|account balance is insufficient|don't have any credits|doesn't have any credits|monthly included credits|usage limit for this billing cycle|out of extra usage|trial key.{0,80}month|positive balance/i,
    says: 'the account is not paid or has no credit left',
    example: {
      status: 403,
      body: JSON.stringify({
        code: 'The caller does not have permission to execute the specified operation',
        error: "Your newly created team doesn't have any credits or licenses yet.",
      }),
    },
  },
  {
    name: 'free_quota_used_up',
    kind: 'money',
    codes: ['AllocationQuota.FreeTierOnly', 'QuotaExceeded.FreeTier'],
    says: 'the free quota is used up',
    example: {
      status: 403,
      body: says('The free tier of the model has been exhausted.', { code: 'AllocationQuota.FreeTierOnly' }),
    },
  },
  {
    name: 'credit_limit',
    kind: 'money',
    codes: ['credit_limit', 'credit_limit_exceeded', 'CreditsError'],
    says: 'the account has no credit left',
    example: { status: 402, body: says('Please add credits.', { type: 'credit_limit' }) },
  },
  {
    name: 'key_not_valid',
    kind: 'key',
    status: [400, 403],
    words:
      /api key (is )?(not valid|not found|invalid|expired)|(incorrect|invalid|malformed) api[ _-]?key|api key was reported as leaked|security token included in the request is (invalid|expired)/i,
    says: 'the key is refused',
    example: {
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
  },
  {
    name: 'account_closed',
    kind: 'key',
    codes: ['organization_restricted', 'account_deactivated', 'organization_deactivated'],
    says: 'the account was closed',
    example: {
      status: 400,
      body: errorBody(
        'Organization has been restricted. Please reach out to support.',
        'invalid_request_error',
        'organization_restricted',
      ),
    },
  },
  {
    name: 'access_denied',
    kind: 'key',
    status: [400, 401, 403],
    words:
      /(project|organization|account|team) .{0,60}(denied access|been (restricted|suspended|deactivated|terminated|banned|blocked))/i,
    says: 'the account was closed',
    example: {
      status: 403,
      body: says('Your project has been denied access. Please contact support.', {
        code: 403,
        status: 'PERMISSION_DENIED',
      }),
    },
  },
];
