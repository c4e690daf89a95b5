import type { FinanceState, SwitchReason } from '../../model/money/finance.ts';
import type { ModelFailure, PaidCall, PaidRequest } from '../../ports.ts';
import { type FinanceDeps, priceWith } from '../deps.ts';
import { loadCandidates } from '../providers/live-providers.ts';
import { type Candidate, chooseProvider, isReady } from '../providers/select.ts';
import { type Refusal, reasonOf } from './outcome.ts';
import { UNKNOWN_OUTPUT } from './output.ts';
import { switchReasonOf } from './recovery.ts';

/** The provider for a call's next attempt. `null`: none is ready. */
export function choose(
  call: Pick<PaidCall, 'avoidProvider'>,
  trial: {
    request: Pick<PaidRequest, 'maxOutputTokens'>;
    inputTokens: number;
    excluded: ReadonlySet<string>;
  },
  { candidates, permitted }: { candidates: readonly Candidate[]; permitted: readonly Candidate[] },
  finance: FinanceState,
  now: Date,
): Candidate | null {
  const others = candidates.filter((each) => !permitted.includes(each)).map(({ provider }) => provider.id);
  const switchedAt = finance.providerSwitches.at(-1)?.timestamp;
  return chooseProvider({
    candidates,
    requiredTokens: trial.inputTokens + (trial.request.maxOutputTokens ?? UNKNOWN_OUTPUT),
    now,
    exclude: new Set([...trial.excluded, ...others]),
    ...(finance.currentProviderId === undefined ? {} : { currentId: finance.currentProviderId }),
    ...(switchedAt === undefined ? {} : { switchedAt }),
    ...(finance.orderedAt === undefined ? {} : { orderedAt: finance.orderedAt }),
    ...(call.avoidProvider === undefined ? {} : { avoidProvider: call.avoidProvider }),
  });
}

/** Why a project works with this provider from now on instead of its last one. */
export function whyAdopted(
  refusals: readonly Refusal[],
  finance: FinanceState,
  chosen: Candidate,
  candidates: readonly Candidate[],
): SwitchReason | 'preferred' {
  const left = finance.currentProviderId;
  const refusal = refusals.find(({ providerId }) => providerId === left);
  if (refusal !== undefined) return refusal.reason;
  const before = candidates.find(({ provider }) => provider.id === left);
  if (before === undefined) return 'manual';
  const returns = finance.providerSwitches.some(({ fromProvider }) => fromProvider === chosen.provider.id);
  return returns && chosen.provider.priority < before.provider.priority ? 'preferred' : reasonOf(before);
}

type Kind = Pick<Refusal, 'because' | 'cause'>;

const KIND_OF: Readonly<Record<ModelFailure['kind'], Kind>> = {
  rate: { because: 'failed', cause: 'provider' },
  money: { because: 'unusable', cause: 'credits' },
  outage: { because: 'failed', cause: 'provider' },
  key: { because: 'unusable', cause: 'key' },
  context: { because: 'context' },
  malformed: { because: 'refused' },
  request: { because: 'refused' },
  refusal: { because: 'refused' },
  config: { because: 'unusable', cause: 'provider' },
  aborted: { because: 'unusable', cause: 'provider' },
};

/** Why a provider takes no further attempt of a call. */
export function refusalOf(providerId: string, failure: ModelFailure): Refusal {
  return {
    ...{ providerId, ...KIND_OF[failure.kind], reason: switchReasonOf(failure) },
    detail: `Provider ${providerId}: ${failure.message}`,
    ...(failure.resetAt === undefined ? {} : { until: failure.resetAt }),
  };
}

/** Providers that could take a call now. */
export async function usable(
  deps: Pick<FinanceDeps, 'state' | 'meter' | 'priceOf' | 'now'>,
): Promise<Candidate[]> {
  const now = deps.now();
  const priceOf = priceWith(deps.priceOf);
  const sample = { input: 1, cacheWrite: 0, cacheRead: 0, output: 1 };
  const candidates = await loadCandidates(deps);
  return candidates.filter((each) => isReady(each, now) && priceOf(each.provider, sample) !== null);
}
