import { join } from 'node:path';
import { FACTORY } from '../../factory/finance/deps.ts';
import { type FactoryEvent, factoryEvent } from '../../factory/model/event.ts';
import { type CostEntry, costEntry } from '../../factory/model/money/finance.ts';
import type { LogStore } from '../../factory/ports.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Processes } from '../../lib/process/process.ts';
import { createFreezer } from '../documents/freeze.ts';
import { createLocks } from '../files/lock.ts';
import type { Home } from '../home/home.ts';
import { eventChain } from './event-chain.ts';
import { asWritten } from './event-line.ts';
import { createLog } from './log-store.ts';
import type { JsonLog } from './log-types.ts';

/** Logs of the factory itself: what concerns no single project. */
export interface FactoryLogs {
  /** data/costs.jsonl: probes. */
  costs: LogStore<CostEntry>;
  /** data/events.jsonl */
  events: LogStore<FactoryEvent> & Pick<JsonLog<FactoryEvent>, 'readFrom'>;
}

export function openFactoryLogs(
  home: Home,
  deps: { clock: Clock; processes: Processes; encrypt?: boolean },
): FactoryLogs {
  const base = { locks: createLocks(deps.processes), freeze: createFreezer(), clock: deps.clock };
  const events = createLog(base, {
    file: join(home.data, 'events.jsonl'),
    schema: factoryEvent,
    chain: eventChain(home.data, FACTORY),
  });
  return {
    costs: createLog(base, { file: join(home.data, 'costs.jsonl'), schema: costEntry }),
    events: asWritten(events, deps.encrypt === true),
  };
}
