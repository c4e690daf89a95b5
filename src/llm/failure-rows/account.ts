import type { FailureRow } from './row.ts';

/** Empty, overdue and closed accounts, and keys, in the words of those whose status or code says something else. */
export const ACCOUNT_ROWS: readonly FailureRow[] = [
  {
    name: 'google_prepay_used_up',
    kind: 'money',
    words: /prepay(ment)? credits (are|have been|is)? ?(depleted|exhausted|used up)/i,
    says: 'the prepaid credit is used up',
  },
  {
    name: 'google_spending_cap',
    kind: 'money',
    words: /exceeded its (monthly )?spend(ing)? cap/i,
    says: "the project's monthly spending cap is reached",
    resets: 'next_month',
  },
  {
    name: 'google_no_free_tier',
    kind: 'money',
    words: /free_tier[\s\S]*limit: 0\b/i,
    says: 'the free tier does not include this model',
  },
  {
    name: 'google_daily_quota',
    kind: 'rate',
    codeWords: /PerDay/,
    says: 'the quota of the day is used up',
    resets: 'pacific_midnight',
  },
  {
    // The same as text, in the words of a gateway.
    name: 'google_daily_quota_in_words',
    kind: 'rate',
    status: [429],
    words: /quotaId\W{1,8}\w*PerDay/,
    says: 'the quota of the day is used up',
    resets: 'pacific_midnight',
  },
  {
    name: 'calls_under_way_hold_credit',
    kind: 'rate',
    codes: ['openrouter_in_flight_budget'],
    says: 'calls that are under way hold the credit that is left',
  },
  {
    name: 'usage_limit_of_plan',
    kind: 'money',
    words:
      /usage (limit|quota) (has been |is )?(reached|exceeded)|(reached|exceeded|hit) (your|its|the) ([\w-]+ )?usage (limit|quota)|limit exhausted|free (allocated )?quota (exceeded|used)/i,
    says: 'what the plan allows in these hours, this week or this month is used up',
  },
  {
    name: 'allocated_quota_exceeded',
    kind: 'rate',
    words: /allocated quota exceeded|exceeded your current request limit/i,
    says: 'too many requests or tokens in a minute',
  },
  {
    // Of Amazon, also where a gateway makes another status of it.
    name: 'throttled',
    kind: 'rate',
    words: /too many (tokens|requests)( per day)?, please wait before trying again/i,
    says: 'too many requests or tokens in a minute or a day',
  },
  {
    name: 'account_overdue',
    kind: 'money',
    codes: [
      'Arrearage',
      'AccountOverdueError',
      'exceeded_current_quota_error',
      'blocked_api_access',
      ...['CommodityNotPurchased', 'PrepaidBillOverdue', 'PostpaidBillOverdue', 'BILLING_DISABLED'],
      'insufficient_user_quota',
      'insufficient_balance_error',
      'base_resp.1008',
      'base_resp.2056',
    ],
    says: 'the account is not paid',
  },
  {
    name: 'account_unpaid',
    kind: 'money',
    words:
      /account is in good standing|overdue balance|suspended, possibly due to reaching the monthly spending|inactive subscription or usage limit reached|not active, current state|no resource package|account balance is insufficient|don't have any credits|doesn't have any credits|monthly included credits|usage limit for this billing cycle|out of extra usage|trial key.{0,80}month|positive balance|payment is past due|billing to be enabled|INVALID_PAYMENT_INSTRUMENT|because of its spending limit/i,
    says: 'the account is not paid or has no credit left',
  },
  {
    name: 'free_quota_used_up',
    kind: 'money',
    codes: ['AllocationQuota.FreeTierOnly', 'QuotaExceeded.FreeTier', 'FreeUsageLimitError'],
    says: 'the free quota is used up',
  },
  {
    // In the words, or under the code, of an account without credit.
    name: 'limit_of_a_minute',
    kind: 'rate',
    status: [429],
    words:
      /error-code#token-limit|have been rate limited|queries per minute|current quota[\s\S]*((retry|try again) (in|after) [\d.]+ ?(ms|s|m)(ec|in|\d|\b)|RESOURCE_EXHAUSTED)|RESOURCE_EXHAUSTED[\s\S]*current quota/i,
    says: 'too many requests or tokens in a minute',
  },
  {
    name: 'credit_limit',
    kind: 'money',
    codes: [
      'credit_limit',
      'credit_limit_exceeded',
      'CreditsError',
      'AccountQuotaExceeded',
      'SetLimitExceeded',
    ],
    says: 'the account has no credit left',
  },
  {
    name: 'credits_used_up',
    kind: 'money',
    words:
      /insufficient (credits?|balance|funds)|requires more credits|more credits are required|used all available credits|not enough credits|run out of credits|credit limit (exceeded|reached)|monthly spending limit|余额不足|额度不足|额度已用/i,
    says: 'the account has no credit left',
  },
  {
    name: 'plan_without_model',
    kind: 'config',
    status: [400, 401, 403],
    words: /model requires a subscription|only available for coding agents/i,
    says: 'the plan of this account does not include this model, or not for this program',
  },
  {
    name: 'key_not_valid',
    kind: 'key',
    status: [400, 403],
    // At their beginning: a refused request may be answered with a part of what it said.
    words:
      /^[^'"`{[]{0,20}(api key (is )?(not valid|not found|invalid|expired)|(incorrect|invalid|malformed) api[ _-]?key|api key was reported as leaked|security token included in the request is (invalid|expired)|authentication error.{0,20}expired key)/i,
    says: 'the key is refused',
  },
  {
    name: 'key_of_gateway_not_valid',
    kind: 'key',
    codes: ['expired_key', 'token_not_found_in_db', 'base_resp.1004', 'base_resp.2049'],
    says: 'the key is refused',
  },
  {
    name: 'account_closed',
    kind: 'key',
    codes: ['organization_restricted', 'account_deactivated', 'organization_deactivated'],
    says: 'the account was closed',
  },
  {
    name: 'access_denied',
    kind: 'key',
    status: [401, 403],
    words:
      /(project|organization|account|team) .{0,60}(denied access|been (restricted|suspended|deactivated|terminated|banned|blocked))/i,
    says: 'the account was closed',
  },
];
