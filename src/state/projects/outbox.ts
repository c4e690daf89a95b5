/** What the owner is still to be told: one small document per project, below `data/outbox/`. */

import { join } from 'node:path';
import { FACTORY } from '../../factory/finance/deps.ts';
import { knownTargets, type Outbox, outbox } from '../../factory/model/notifications/notification.ts';
import type { DocumentStore, OutboxStore } from '../../factory/ports.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import { namesIn } from '../../lib/file-failure.ts';
import { createRecent } from '../../lib/lru.ts';
import type { Processes } from '../../lib/process/process.ts';
import { createDocument } from '../documents/document.ts';
import { createFreezer } from '../documents/freeze.ts';
import { removeQuietly } from '../files/files.ts';
import { createLocks } from '../files/lock.ts';
import type { Home } from '../home/home.ts';
import type { FactoryLogs } from '../logs/factory-logs.ts';
import { PROJECT_ID } from './project-list.ts';

const ENDING = '.yaml';
const KEPT = 5_000;

export function openOutboxes(
  home: Pick<Home, 'data'>,
  processes: Processes,
  events: FactoryLogs['events'],
): OutboxStore {
  const folder = join(home.data, 'outbox');
  const base = { locks: createLocks(processes), freeze: createFreezer() };
  const fileOf = (id: string) => {
    if (id !== FACTORY && !PROJECT_ID.test(id))
      throw new DarkFactoryError(
        'not_found',
        'outbox_not_found',
        `There is no outbox "${id}"`,
        'Check the id.',
      );
    return join(folder, `${id}${ENDING}`);
  };
  const boxes = createRecent<DocumentStore<Outbox>>(KEPT, (id) =>
    createDocument(base, { file: fileOf(id), schema: outbox, initial: outbox.parse({}) }),
  );
  const targetsFile = join(folder, `targets${ENDING}`);
  return {
    targets: createDocument(base, {
      file: targetsFile,
      schema: knownTargets,
      initial: knownTargets.parse({}),
    }),
    forgetTargets: () => removeQuietly(targetsFile),
    box: (id) => boxes.memo(id),
    async list() {
      return (await namesIn(folder))
        .filter((name) => name.endsWith(ENDING))
        .map((name) => name.slice(0, -ENDING.length))
        .filter((id) => PROJECT_ID.test(id) || id === FACTORY);
    },
    async remove(id) {
      await removeQuietly(fileOf(id));
      boxes.delete(id);
    },
    factoryEvents: (offset) => events.readFrom(offset),
  };
}
