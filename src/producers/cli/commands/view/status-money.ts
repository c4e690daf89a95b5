import type { FinanceState, SwitchReason } from '../../../../factory/model/finance.ts';
import type { Waiting } from '../../../../factory/model/project.ts';
import { formatMoment, type Text, yellow } from '../../render/output.ts';

/** The provider of a project, and its last switch where there was one. */
export interface ProviderInUse {
  id: string;
  switchedFrom?: string;
  switchedAt?: Date;
  reason?: SwitchReason;
  /** Switches so far, as far as they are kept. */
  switches: number;
}

/** `undefined` before the first reply. */
export function providerInUse(finance: FinanceState): ProviderInUse | undefined {
  const { currentProviderId: id, providerSwitches } = finance;
  if (id === undefined) return undefined;
  const last = providerSwitches.at(-1);
  const switched =
    last === undefined
      ? {}
      : { switchedFrom: last.fromProvider, switchedAt: last.timestamp, reason: last.reason };
  return { id, ...switched, switches: providerSwitches.length };
}

export function providerRows(provider: ProviderInUse | undefined): [string, Text][] {
  if (provider === undefined) return [];
  const { id, switchedFrom, switchedAt, reason } = provider;
  if (switchedFrom === undefined || switchedAt === undefined || reason === undefined)
    return [['Provider', id]];
  const why = reason.replaceAll('_', ' ');
  return [['Provider', `${id}, switched from ${switchedFrom} at ${formatMoment(switchedAt)}: ${why}`]];
}

/** What the project waits for, and until when where that is known. */
export function waitingRows(waiting: Waiting | undefined): [string, Text][] {
  if (waiting === undefined) return [];
  const until = waiting.until === undefined ? '' : `, at the earliest until ${formatMoment(waiting.until)}`;
  return [
    ['Waiting', yellow(`for ${waiting.for} since ${formatMoment(waiting.since)}${until}: ${waiting.detail}`)],
  ];
}
