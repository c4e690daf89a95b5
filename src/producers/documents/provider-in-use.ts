import type { FinanceState, ProviderSwitch, SwitchReason } from '../../factory/model/money/finance.ts';
import type { Tier } from '../../factory/model/money/tier.ts';

/** The provider of a project, and its last switch where there was one. */
export interface ProviderInUse {
  id: string;
  /** Missing: it is of none. */
  tier?: Tier;
  switchedFrom?: string;
  switchedAt?: Date;
  reason?: SwitchReason;
  /** Switches so far, as far as they are kept. */
  switches: number;
  /** Those that are kept, the oldest first. */
  history: ProviderSwitch[];
}

/** `undefined` before the first reply. */
export function providerInUse(finance: FinanceState): ProviderInUse | undefined {
  const { currentProviderId: id, currentTier: tier, providerSwitches } = finance;
  if (id === undefined) return undefined;
  const last = providerSwitches.at(-1);
  const switched =
    last === undefined
      ? {}
      : { switchedFrom: last.fromProvider, switchedAt: last.timestamp, reason: last.reason };
  return {
    id,
    ...(tier === undefined ? {} : { tier }),
    ...switched,
    switches: providerSwitches.length,
    history: providerSwitches,
  };
}
