import { FACTORY } from '../../factory/finance/deps.ts';
import type { FactoryEvent, NewEvent } from '../../factory/model/event.ts';
import type { StateStore } from '../../factory/ports.ts';
import type { Log } from '../../lib/log.ts';
import { eventLine } from './event-line.ts';
import type { FactoryLogs } from './factory-logs.ts';

export interface RecorderDeps {
  state: Pick<StateStore, 'events'>;
  factoryLogs: Pick<FactoryLogs, 'events'>;
  log: Log;
  now(): Date;
  /** Words of others are left out of what stands in clear. */
  encrypt: boolean;
}

/**
 * Adds events to the audit log of their project, or of the factory. They stand in the program's log as well, at their level:
 * there they are seen without knowing the project.
 */
export function createRecorder(deps: RecorderDeps): (event: NewEvent) => Promise<void> {
  return (event) => {
    const { level, message, ...fields } = eventLine(event, deps.encrypt);
    deps.log[level](fields, message);
    const entry = { timestamp: deps.now().toISOString(), ...event };
    const { events } =
      event.projectId === FACTORY ? deps.factoryLogs : { events: deps.state.events(event.projectId) };
    return events.append(entry);
  };
}

/** The same for events of one project that have their time already, in one write; the program's log has them for debugging. */
export function createRecorderOfAll({
  state,
  log,
  encrypt,
}: Pick<RecorderDeps, 'state' | 'log' | 'encrypt'>) {
  return async (projectId: string, events: readonly FactoryEvent[]): Promise<void> => {
    for (const event of events) {
      const { message, timestamp: _at, level: _level, ...fields } = eventLine(event, encrypt);
      log.debug(fields, message);
    }
    await state.events(projectId).append(...events);
  };
}

/** A lock file of a dead git was removed. Nobody waits for the event, and git does not fail over it. */
export function tellStaleLock(file: string, record: ReturnType<typeof createRecorder>, log: Log): void {
  const message = `A git that was killed left ${file}; it was removed, and work goes on.`;
  record({ projectId: FACTORY, type: 'git.lock_removed', level: 'warn', message }).catch((error: unknown) =>
    log.warn({ err: error }, 'an event was lost'),
  );
}
