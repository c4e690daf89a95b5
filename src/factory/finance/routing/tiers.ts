import type { Tiers } from '../../config/routing-settings.ts';
import type { ProviderConfig } from '../../model/money/finance.ts';
import { TIERS, type Tier } from '../../model/money/tier.ts';

/** Tiers that the owner has made, from the smallest. */
export function tierNames(tiers: Tiers): Tier[] {
  return TIERS.filter((each) => tiers[each] !== undefined);
}

/** A name that is a tier's is no provider's. */
export function isTier(tiers: Tiers, name: string): name is Tier {
  return tierNames(tiers).some((each) => each === name);
}

/** The smallest tier that a provider is of. */
export function tierOf(tiers: Tiers, providerId: string): Tier | undefined {
  return TIERS.find((each) => tiers[each]?.includes(providerId));
}

/** Something that is wrong with a tier, in one sentence, and what to do. */
export interface TierProblem {
  tier: Tier;
  problem: string;
  remedy: string;
  /** It has a provider that may work all the same. */
  works: boolean;
}

/** Tiers that name providers that are not there, or have none that is switched on. Pure. */
export function tierProblems(
  tiers: Tiers,
  providers: readonly Pick<ProviderConfig, 'id' | 'enabled'>[],
): TierProblem[] {
  return tierNames(tiers).flatMap((tier): TierProblem[] => {
    const ids = tiers[tier] ?? [];
    const unknown = ids.filter((id) => !providers.some((each) => each.id === id));
    const works = providers.some(({ id, enabled }) => enabled && ids.includes(id));
    const found: TierProblem[] = [];
    if (unknown.length > 0)
      found.push({
        ...{ tier, works },
        problem: `the tier ${tier} names ${unknown.join(', ')}, and there is no such provider`,
        remedy: `Correct tiers.${tier} in config.yaml, or add it: df provider add --id ${unknown[0]} --help`,
      });
    if (!works && unknown.length < ids.length)
      found.push({
        ...{ tier, works },
        problem: `no provider of the tier ${tier} is switched on`,
        remedy: `Switch one on: df provider enable ${ids.find((id) => !unknown.includes(id))}`,
      });
    return found;
  });
}
