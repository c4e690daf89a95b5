import type { ProviderConfig } from '../../factory/model/money/finance.ts';
import { expecting } from '../../lib/errno.ts';
import { isFailure } from '../../lib/failure.ts';
import type { Services } from '../../services.ts';

/** As people and `--json` see it: the last four characters of the key, never more. */
export async function withKeyHint(
  { vault }: Pick<Services, 'vault'>,
  provider: ProviderConfig,
): Promise<ProviderConfig> {
  const apiKey = await vault.hint(provider.id, provider.apiKey).catch(expecting(isFailure, 'unreadable'));
  return { ...provider, apiKey };
}
