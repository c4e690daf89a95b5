import type { FinanceState } from '../../model/money/finance.ts';
import type { PaidCall, PaidRequest } from '../../ports.ts';
import type { FinanceDeps } from '../deps.ts';
import type { Met } from '../health/setbacks.ts';
import { type Candidate, MAX_FAILURES } from '../providers/select.ts';
import type { Course } from './course.ts';
import type { Refusal } from './outcome.ts';

/** While one call tries a provider whose real calls failed, others look again after this many milliseconds. */
const TRIAL_MS = 10_000;

/** What one call has met so far. */
export interface Trial {
  request: PaidRequest;
  inputTokens: number;
  course: Course;
  excluded: Set<string>;
  met: Map<string, Met>;
  refusals: Refusal[];
  waitedMs: number;
}

/** Of all that wait for a provider whose real calls failed one tries it after each good probe. `null`: this one may. */
export async function trialTurn(
  deps: Pick<FinanceDeps, 'meter' | 'now'>,
  { current, provider: { id } }: Candidate,
): Promise<Refusal | null> {
  if (current.consecutiveFailures < MAX_FAILURES) return null;
  const { before } = await deps.meter.report(id, { kind: 'trial' });
  if (before.probedAt !== undefined || before.consecutiveFailures === 0) return null;
  return {
    providerId: id,
    because: 'wait',
    until: new Date(deps.now().getTime() + TRIAL_MS),
    detail: `Provider ${id} failed and answers probes again; another call tries it first.`,
    reason: 'api_error',
  };
}

/** Another provider has none of the conversation in its cache. */
export function asCached(
  call: PaidCall,
  { course }: Trial,
  finance: FinanceState,
  { provider }: Candidate,
): PaidCall {
  const { currentProviderId = provider.id } = finance;
  if (call.cache === undefined || course.aside || currentProviderId === provider.id) return call;
  return { ...call, cache: { ...call.cache, fresh: call.cache.prompt } };
}

export function shutOut(trial: Trial, refusal: Refusal): void {
  trial.excluded.add(refusal.providerId);
  trial.refusals.push(refusal);
}
