import type { ProviderConfig, ProvidersFile } from '../../model/money/finance.ts';
import {
  amount,
  checkEndpoint,
  checked,
  countsOf,
  type GivenLimits,
  invalid,
  limitsOf,
  MOST_USD,
  type ProviderTerms,
  pricesOf,
  scopeOf,
  waysOf,
} from './provider-checks.ts';
import { findProvider } from './providers.ts';

/** What may be changed of a provider. `null` takes a limit away. */
export interface ProviderUpdate extends ProviderTerms, GivenLimits<null> {
  apiKey?: string;
  enabled?: boolean;
  /** USD that may be spent from now on. */
  credits?: number | null;
  /** What the endpoint's list of models says now. */
  reported?: ProviderConfig['reported'];
  /** USD on top of what is left; a provider without a limit gets one. */
  addCredits?: number;
}

/** Does the change make void what was known of the provider's health: another key, endpoint, credit, or a new start? */
export function clearsHealth({ apiKey, enabled, credits, addCredits, baseUrl }: ProviderUpdate): boolean {
  return [apiKey, credits, addCredits, baseUrl].some((each) => each !== undefined) || enabled === true;
}

/**
 * Changes a provider. What makes its health void clears it in the file; a provider that the factory switched off for its
 * key is on again with a new one.
 *
 * Throws `not_found`/`provider_not_found`, `usage`/`provider_invalid`.
 *
 * @param spentBefore USD that the ledgers say was spent on it: credits are kept as the sum of all that was ever bought
 */
export function updateProvider(
  file: ProvidersFile,
  id: string,
  update: ProviderUpdate,
  spentBefore = 0,
): ProvidersFile {
  const old = findProvider(file, id);
  if (update.baseUrl !== undefined) checkEndpoint({ ...old, baseUrl: update.baseUrl });
  const { disabledReason, exhaustedAt, exhaustedUntil, lastFailure, probedAt, ...rest } = old;
  const backOn = update.apiKey !== undefined && disabledReason !== undefined;
  const { priority, contextTokens } = countsOf(update);
  const next = {
    ...rest,
    ...(clearsHealth(update)
      ? { consecutiveFailures: 0, lastFailureAt: undefined, lastSuccessAt: undefined }
      : { disabledReason, exhaustedAt, exhaustedUntil, lastFailure, probedAt }),
    ...(update.apiKey === undefined ? {} : { apiKey: update.apiKey }),
    // What the old endpoint said of its model does not hold for another one.
    ...(update.baseUrl === undefined ? {} : { baseUrl: update.baseUrl, reported: undefined }),
    ...(update.reported === undefined ? {} : { reported: update.reported }),
    ...newPrices(old, update),
    ...scopeOf(update, old),
    ...waysOf(update, old),
    enabled: update.enabled ?? (backOn || old.enabled),
    priority: priority ?? old.priority,
    creditsAvailable: newCredits(old, update, spentBefore),
    rateLimit: limitsOf(update, old.rateLimit),
    contextTokens: contextTokens ?? old.contextTokens,
  };
  const provider = checked(next);
  return { ...file, providers: file.providers.map((each) => (each === old ? provider : each)) };
}

function newCredits(
  old: ProviderConfig,
  { credits, addCredits }: ProviderUpdate,
  spentBefore: number,
): number | undefined {
  if (credits !== undefined && addCredits !== undefined) {
    throw invalid('--credits and --add-credits exclude each other', 'Give what is left, or what is added.');
  }
  if (credits === null) return undefined;
  const set = amount('--credits', credits, MOST_USD);
  const added = amount('--add-credits', addCredits, MOST_USD);
  if (set === 0) {
    throw invalid('--credits 0 would never be used', `Switch it off instead: df provider disable ${old.id}.`);
  }
  if (set !== undefined) return spentBefore + set;
  if (added === undefined) return old.creditsAvailable;
  // Calls may have cost more than was left; what is bought afterwards must not be eaten up by that.
  return Math.max(old.creditsAvailable ?? spentBefore, spentBefore) + added;
}

function newPrices(
  old: ProviderConfig,
  update: ProviderUpdate,
): Pick<ProviderConfig, 'free'> & { prices: unknown } {
  const given = pricesOf(update, old.prices);
  if (given !== undefined) return { free: false, prices: given };
  return update.free === true ? { free: true, prices: undefined } : { free: old.free, prices: old.prices };
}
