import { DarkFactoryError } from '../../lib/failure.ts';
import type { ProviderConfig } from './finance.ts';
import { type FinanceDeps, loadCandidates, priceWith } from './desk.ts';
import { whyNot } from './outcome.ts';
import type { Candidate } from './select.ts';

const SAMPLE = { input: 1, cacheWrite: 0, cacheRead: 0, output: 1 };

type Deps = Pick<FinanceDeps, 'state' | 'meter' | 'vault' | 'priceOf'>;

/**
 * Throws `environment`/`no_provider` where no provider could answer as things are, however long one waited: none is set up, or
 * each is switched off, has no credits by our own books, no known price, or a key that cannot be opened here. One that fails,
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
      : 'Mend one (df provider enable, set-key, update) or add another: df provider add. Look with df provider list.',
  );
}

/** In words that go on after a provider's name; `null`: it could answer, now or later. */
export async function whyNever(
  deps: Pick<Deps, 'vault' | 'priceOf'>,
  candidate: Candidate,
): Promise<string | null> {
  const { current, provider } = candidate;
  const spent = !current.free && current.creditsAvailable !== undefined && current.creditsAvailable <= 0;
  if (!current.enabled || (spent && current.exhaustedAt === undefined)) return whyNot(candidate).why;
  if (priceWith(deps.priceOf)(provider, SAMPLE) === null) return 'has no known price';
  return keyProblem(deps, provider);
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
