import type { ProjectSettings } from '../../../../factory/model/project.ts';
import type { Waiting } from '../../../../factory/model/waiting.ts';
import type { ProviderInUse } from '../../../documents/provider-in-use.ts';
import { formatMoment, type Text, yellow } from '../../render/output.ts';

/** Switches before the last one that are shown; `--json` has all that are kept. */
const EARLIER_SHOWN = 3;

/** The tier, or the providers, that a project is kept to by its owner's word. */
export function modelRows({ model }: Pick<ProjectSettings, 'model'>): [string, Text][] {
  return model === undefined ? [] : [['Kept to', model]];
}

export function providerRows(provider: ProviderInUse | undefined): [string, Text][] {
  if (provider === undefined) return [];
  const { tier, switchedFrom, switchedAt, reason, history } = provider;
  const id = `${provider.id}${tier === undefined ? '' : ` (${tier})`}`;
  if (switchedFrom === undefined || switchedAt === undefined || reason === undefined)
    return [['Provider', id]];
  const why = reason.replaceAll('_', ' ');
  const earlier = history.slice(0, -1).slice(-EARLIER_SHOWN).toReversed();
  return [
    ['Provider', `${id}, switched from ${switchedFrom} at ${formatMoment(switchedAt)}: ${why}`],
    ...earlier.map(({ timestamp, fromProvider, toProvider, reason: was }): [string, Text] => [
      '',
      `before that from ${fromProvider} to ${toProvider} at ${formatMoment(timestamp)}: ${was.replaceAll('_', ' ')}`,
    ]),
  ];
}

/** What the project waits for, and until when where that is known. */
export function waitingRows(waiting: Waiting | undefined): [string, Text][] {
  if (waiting === undefined) return [];
  const until = waiting.until === undefined ? '' : `, at the earliest until ${formatMoment(waiting.until)}`;
  return [
    ['Waiting', yellow(`for ${waiting.for} since ${formatMoment(waiting.since)}${until}: ${waiting.detail}`)],
  ];
}
