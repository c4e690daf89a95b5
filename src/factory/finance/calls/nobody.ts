import { DarkFactoryError } from '../../../lib/failure.ts';
import type { ProviderConfig } from '../../model/money/finance.ts';
import { type FinanceDeps, priceWith } from '../deps.ts';
import { loadCandidates } from '../providers/live-providers.ts';
import type { Candidate } from '../providers/select.ts';
import { LEAST_CALL } from './estimate.ts';
import { whyNot } from './outcome.ts';

type Deps = Pick<FinanceDeps, 'state' | 'meter' | 'vault' | 'priceOf'>;

/**
 * Throws `environment`/`no_provider` where no provider could answer as things are, however long one waited: none is set up, or
 * each is switched off, has credits that by our own books pay for no call, no known price, or a key that cannot be opened here. One that fails,
 * or says that it is out of money, may come back.
 */
export async function requireProvider(deps: Deps): Promise<void> {
  const candidates = await loadCandidates(deps);
  const reasons: string[] = [];
  for (const each of candidates) {
    const why = await whyNever(deps, each);
    if (why === null) return;
    reasons.push(`${each.provider.id} ${why}`);
  }
  throw new DarkFactoryError(
    'environment',
    'no_provider',
    reasons.length === 0
      ? 'No provider is set up, so nobody could do the work'
      : `No provider could do the work: ${reasons.join('; ')}`,
    reasons.length === 0
      ? 'Add one: df provider add.'
      : 'Fix one (df provider enable, set-key, update) or add another: df provider add. Look with df provider list.',
  );
}

/** In words that go on after a provider's name; `null`: it could answer, now or later. */
async function whyNever(deps: Pick<Deps, 'vault' | 'priceOf'>, candidate: Candidate): Promise<string | null> {
  const { current, provider } = candidate;
  if (!current.enabled) return whyNot(candidate).why;
  const leastUsd = priceWith(deps.priceOf)(provider, LEAST_CALL);
  if (leastUsd === null) return 'has no known price';
  // One that says so itself is asked by probes whether that is still so.
  if (current.exhaustedAt === undefined && !paysFor(leastUsd, current.creditsAvailable))
    return 'has credits that do not pay for another call';
  return keyProblem(deps, provider);
}

/**
 * Whether credits pay for a call at all.
 *
 * @param leastUsd what the smallest call costs
 * @param creditsUsd what is left of them; `undefined`: no limit is known
 */
export function paysFor(leastUsd: number, creditsUsd: number | undefined): boolean {
  return creditsUsd === undefined || leastUsd === 0 || (creditsUsd > 0 && creditsUsd >= leastUsd);
}

/** Why a key cannot be used here; `null`: it can be opened. */
export async function keyProblem(
  { vault }: Pick<Deps, 'vault'>,
  { id, apiKey }: Pick<ProviderConfig, 'id' | 'apiKey'>,
): Promise<string | null> {
  try {
    await vault.open(id, apiKey);
    return null;
  } catch (error) {
    if (!(error instanceof DarkFactoryError)) throw error;
    return `has a key that cannot be used here (${error.message})`;
  }
}
