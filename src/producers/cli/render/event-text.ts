import type { EventType, FactoryEvent } from '../../../factory/model/event.ts';
import { formatDuration } from '../../../lib/duration.ts';
import { WITHHELD } from '../../../state/logs/event-line.ts';
import { dim, formatCount, formatUsd, green, plural, red, type Text, yellow } from './output.ts';

const PROVED: ReadonlySet<EventType> = new Set([
  'audit.passed',
  'decision.merged',
  'gate.passed',
  'project.completed',
  'task.completed',
]);
const FAILED: ReadonlySet<EventType> = new Set([
  'audit.failed',
  'gate.failed',
  'merge.failed',
  'project.failed',
  'project.timeout',
  'task.blocked',
  'task.refused',
]);

/** In what colour an event is told: green for what is proved, red for what failed. What failed before the work began warns at most. */
export function eventLook({ type, level, data }: FactoryEvent): (text: string) => Text {
  if (level === 'error') return red;
  const baseline = data?.kind === 'baseline';
  if (!baseline && PROVED.has(type)) return green;
  if (!baseline && FAILED.has(type)) return red;
  if (level === 'warn') return yellow;
  return level === 'debug' ? dim : String;
}

export const isWithheld = ({ message }: Pick<FactoryEvent, 'message'>): boolean => message === WITHHELD;

/** What an event says; of one whose words are kept encrypted what it is, and what it carries besides. */
export function eventText(event: Pick<FactoryEvent, 'type' | 'message' | 'data'>): string {
  if (!isWithheld(event)) return event.message;
  const { type, data = {} } = event;
  const facts = Object.entries(data).flatMap(([name, value]) => factText(name, value) ?? []);
  return [type.replaceAll(/[._]/g, ' '), ...facts].join(', ');
}

/** Ids and places tell people nothing. */
function factText(name: string, value: unknown): string | null {
  if (name === 'isError') return value === true ? 'failed' : 'done';
  if (name === 'call' || /Id$/.test(name) || name === 'by') return null;
  if (typeof value === 'number') {
    if (name === 'cost') return formatUsd(value);
    if (name === 'calls') return plural(value, 'call');
    return name.endsWith('Ms') ? formatDuration(value) : `${name} ${formatCount(value)}`;
  }
  if (typeof value === 'string')
    return name === 'commit' ? `commit ${value.slice(0, 12)}` : `${name} ${value}`;
  return value === true ? name : null;
}
