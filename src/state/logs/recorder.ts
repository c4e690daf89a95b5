import { FACTORY } from '../../factory/finance/deps.ts';
import type { FactoryEvent, NewEvent } from '../../factory/model/event.ts';
import type { StateStore } from '../../factory/ports.ts';
import { createSoon } from '../../lib/async/soon.ts';
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

/** Events of a project that come within this time are one write. */
const GATHER_MS = 250;

/**
 * The same for events that a journal tells of as well: nobody waits for them, and a power cut may take the newest. The program's log
 * has them for debugging.
 */
export function createLaterRecorder({
  state,
  log,
  encrypt,
}: Pick<RecorderDeps, 'state' | 'log' | 'encrypt'>) {
  const gathered = new Map<string, FactoryEvent[]>();
  const soon = createSoon(GATHER_MS, (error) => log.warn({ err: error }, 'events lost'));
  const write = async (projectId: string) => {
    const events = gathered.get(projectId) ?? [];
    gathered.delete(projectId);
    await state.events(projectId).write(...events);
  };
  return {
    record(event: FactoryEvent): void {
      const { projectId } = event;
      const { message, timestamp: _at, level: _level, ...fields } = eventLine(event, encrypt);
      log.debug(fields, message);
      gathered.set(projectId, [...(gathered.get(projectId) ?? []), event]);
      soon.ask(projectId, () => write(projectId));
    },
    flush: soon.flush,
  };
}

/** A lock file of a dead git was removed. Nobody waits for the event, and git does not fail over it. */
export function tellStaleLock(file: string, record: ReturnType<typeof createRecorder>, log: Log): void {
  const message = `A git that was killed left ${file}; it was removed, and work goes on.`;
  record({ projectId: FACTORY, type: 'git.lock_removed', level: 'warn', message }).catch((error: unknown) =>
    log.warn({ err: error }, 'an event was lost'),
  );
}
