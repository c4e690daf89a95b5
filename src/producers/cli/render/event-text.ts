import type { EventType, FactoryEvent } from '../../../factory/model/event.ts';
import { dim, green, red, type Text, yellow } from './output.ts';

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
