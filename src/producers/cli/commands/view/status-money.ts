import type { Waiting } from '../../../../factory/model/project.ts';
import type { ProviderInUse } from '../../../documents/provider-in-use.ts';
import { formatMoment, type Text, yellow } from '../../render/output.ts';

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
