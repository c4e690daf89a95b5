import type { FactsOf } from '../../factory/ports.ts';
import { contextWindow } from '../prices.ts';

/** What is known of a provider's model: the owner's word, then the tables, then safe assumptions. Pure. */
export const factsOf: FactsOf = (provider) => {
  const anthropic = provider.name === 'anthropic';
  return {
    api: anthropic ? 'messages' : (provider.api ?? 'chat'),
    contextTokens: provider.contextTokens ?? contextWindow(provider),
    maxOutputTokens: provider.maxOutputTokens ?? null,
    efforts: {},
    thinking: 'none',
    caching: anthropic ? 'marked' : 'automatic',
    assumed: ['api', 'efforts', 'thinking', 'caching'],
  };
};
