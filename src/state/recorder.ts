import { agentIdOf } from '../factory/agent/agent-id.ts';
import { FACTORY } from '../factory/finance/desk.ts';
import type { StateStore } from '../factory/ports.ts';
import type { FactoryEvent } from '../factory/project/event.ts';
import type { Log } from '../lib/log.ts';
import type { FactoryLogs } from './factory-logs.ts';

export interface RecorderDeps {
  state: Pick<StateStore, 'events'>;
  factoryLogs: Pick<FactoryLogs, 'events'>;
  log: Log;
  now(): Date;
}

/**
 * Adds events to the audit log of their project, or of the factory. What is a warning or worse stands in the program's log
 * as well: there it is seen without knowing the project.
 */
export function createRecorder(
  deps: RecorderDeps,
): (event: Omit<FactoryEvent, 'timestamp'>) => Promise<void> {
  return (event) => {
    const { level, message, ...rest } = event;
    // A log of many projects names an agent by its project and its persona: together they are one everywhere.
    const agent = event.persona === undefined ? {} : { agentId: agentIdOf(event.projectId, event.persona) };
    if (level === 'warn' || level === 'error') deps.log[level]({ ...rest, ...agent }, message);
    const entry = { timestamp: deps.now().toISOString(), ...event };
    const { events } =
      event.projectId === FACTORY ? deps.factoryLogs : { events: deps.state.events(event.projectId) };
    return events.append(entry);
  };
}

/** A lock file of a dead git was removed. Nobody waits for the event, and git does not fail over it. */
export function tellStaleLock(file: string, record: ReturnType<typeof createRecorder>, log: Log): void {
  const message = `A git that was killed left ${file}; it was removed, and work goes on.`;
  record({ projectId: FACTORY, type: 'git.lock_removed', level: 'warn', message }).catch((error: unknown) =>
    log.warn({ err: error }, 'an event was lost'),
  );
}
