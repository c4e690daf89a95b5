import type { Config } from '../../config/config.ts';
import { capsOf, outputFor } from '../../finance/calls/output.ts';
import type { ProvidersFile } from '../../model/money/finance.ts';
import type { FactsOf } from '../../ports.ts';
import type { TurnLimits } from './turn-types.ts';

/** The conversation, and a reply to it, must fit every provider that may take it over in mid-task. */
export function turnLimits(
  { providers }: Pick<ProvidersFile, 'providers'>,
  config: Config['agent'],
  factsOf: FactsOf,
): TurnLimits {
  let { contextTokens } = config;
  let inputTokens = Number.POSITIVE_INFINITY;
  for (const provider of providers) {
    if (!provider.enabled) continue;
    const facts = factsOf(provider);
    if (facts.contextTokens === null) continue;
    contextTokens = Math.min(contextTokens, facts.contextTokens);
    inputTokens = Math.min(
      inputTokens,
      facts.contextTokens - outputFor(facts, {}, capsOf(provider, config.maxOutputTokens)),
    );
  }
  return { ...config, contextTokens, replyTokens: Math.max(0, contextTokens - inputTokens) };
}
