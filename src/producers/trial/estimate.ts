/** What trying a persona will cost, before a cent of it is spent. */
import { permits } from '../../factory/finance/calls/scope.ts';
import type { ProviderConfig, Usage } from '../../factory/model/money/finance.ts';
import type { PriceOf } from '../../factory/ports.ts';

/** USD that a trial may spend where nobody says otherwise. */
export const TRIAL_BUDGET = 1;

/** Requests that work on the small repository takes, those of the judge of its tasks included. */
const REQUESTS = 14;
/** Tokens of the factory's own instructions and tools, without the persona's words. */
const OWN_TOKENS = 4_500;
/** Tokens that a request adds to the conversation: what a tool said, and the reply. */
const RESULT_TOKENS = 500;
const REPLY_TOKENS = 300;

export interface TrialEstimate {
  provider: string;
  model: string;
  requests: number;
  /** USD; `null`: no price is known, so that it is never asked. */
  cost: number | null;
}

/**
 * About what the trial costs with each provider that may work for the persona, in the order in which they are asked. The cap is the
 * worst case; this is no promise.
 *
 * @param personaTokens of the persona's own words
 */
export function estimateTrial(
  providers: readonly ProviderConfig[],
  persona: string,
  personaTokens: number,
  priceOf: PriceOf,
): TrialEstimate[] {
  return providers
    .filter((each) => each.enabled && permits(each, { personas: [persona], projects: [], model: undefined }))
    .sort((a, b) => a.priority - b.priority || a.id.localeCompare(b.id))
    .map((provider) => {
      const prices = usages(personaTokens).map((usage) => priceOf(provider, usage));
      const cost = prices.reduce((sum, each) => (sum === null || each === null ? null : sum + each), 0);
      return { provider: provider.id, model: provider.model, requests: REQUESTS, cost };
    });
}

/** Of each request: the conversation before it is read from the vendor's cache, what was added to it is new. */
function usages(personaTokens: number): Usage[] {
  const added = RESULT_TOKENS + REPLY_TOKENS;
  const first = OWN_TOKENS + personaTokens;
  return Array.from({ length: REQUESTS }, (_, index) => ({
    input: 0,
    cacheWrite: index === 0 ? first : added,
    cacheRead: index === 0 ? 0 : first + (index - 1) * added,
    output: REPLY_TOKENS,
  }));
}
