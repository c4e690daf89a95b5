import { DarkFactoryError } from '../../../lib/failure.ts';
import type { ProviderConfig } from '../../model/money/finance.ts';
import type { FinanceDeps } from '../deps.ts';

export interface KeyRing {
  /** The key in clear; a problem (one sentence) when it cannot be opened here. */
  open(provider: ProviderConfig, projectId: string): Promise<{ value: string } | { problem: string }>;
}

/**
 * Opens keys, and remembers an opened one for as long as the text in providers.yaml is the same: a rotation is taken up at
 * the next call. A key that cannot be opened is told once per text, since the next step meets it again.
 */
export function createKeyRing({ vault, record }: Pick<FinanceDeps, 'vault' | 'record'>): KeyRing {
  const opened = new Map<string, { stored: string; value: string }>();
  const told = new Map<string, string>();
  return {
    async open(provider, projectId) {
      const { id, apiKey: stored } = provider;
      const known = opened.get(id);
      if (known?.stored === stored) return { value: known.value };
      try {
        const value = await vault.open(id, stored);
        opened.set(id, { stored, value });
        told.delete(id);
        return { value };
      } catch (error) {
        if (!(error instanceof DarkFactoryError)) throw error;
        const problem = `${error.message}. ${error.hint}`;
        if (told.get(id) !== problem) {
          told.set(id, problem);
          await record({
            projectId,
            type: 'provider.key_unusable',
            level: 'error',
            message: problem,
            data: { provider: id },
          });
        }
        return { problem };
      }
    },
  };
}
