/**
 * An agent's journal: an append-only log in which leases stand between the entries.
 *
 * A lease opens a step for one worker and has an epoch, one more than any before it. From a lease on only entries of its
 * epoch count, so whatever a worker that was overtaken still writes changes nothing. Appending under the log's lock makes it
 * also see that it was overtaken: it then writes nothing at all.
 */
import {
  type Holder,
  type JournalEntry,
  type JournalRecord,
  journalEntry,
} from '../../factory/model/journal.ts';
import { type Journal, type JournalWriter, LeaseLost } from '../../factory/ports.ts';
import type { Clock } from '../../lib/clock.ts';
import type { DarkFactoryError } from '../../lib/failure.ts';
import type { Privacy } from '../secrets/privacy.ts';
import { corrupt } from './lines.ts';
import { createJsonLog, type LogDeps, type OpenLog } from './log.ts';

export interface JournalDeps extends LogDeps {
  clock: Clock;
  /** Missing: nothing is encrypted, and nothing encrypted can be read. */
  privacy?: Privacy;
}

/** What the entries read so far amount to. */
interface Folded {
  /** The log's array that was folded; another array means that the file was replaced. */
  source: readonly JournalEntry[];
  read: number;
  counted: JournalEntry[];
  epoch: number;
  lastDone: number;
}

/** @param missing what a missing folder means; without it the file system's own error */
export function createJournal(deps: JournalDeps, file: string, missing?: () => DarkFactoryError): Journal {
  const options = {
    ...(missing === undefined ? {} : { missing }),
    ...(deps.privacy === undefined ? {} : { privacy: deps.privacy }),
  };
  const log = createJsonLog<JournalEntry>(deps, { file, schema: journalEntry, ...options });
  let folded: Folded = emptyFold([]);
  let snapshot: readonly JournalEntry[] = [];

  function fold(entries: readonly JournalEntry[]): Folded {
    if (folded.source !== entries) folded = emptyFold(entries);
    for (; folded.read < entries.length; folded.read += 1) {
      const entry = entries[folded.read];
      if (entry !== undefined) addEntry(file, folded, entry);
    }
    return folded;
  }

  const stamp = (record: JournalRecord, epoch: number, step: number): JournalEntry => ({
    ...record,
    at: deps.clock.now().toISOString(),
    epoch,
    step,
  });

  function writer(epoch: number, step: number): JournalWriter {
    const assertNewest = async (held: Pick<OpenLog<JournalEntry>, 'entries'>): Promise<void> => {
      const newest = fold(await held.entries()).epoch;
      if (newest !== epoch) {
        throw new LeaseLost(`${file}: lease ${epoch} of step ${step} was overtaken by lease ${newest}`);
      }
    };
    return {
      epoch,
      step,
      append: (...records) =>
        log.exclusively(async (held) => {
          await assertNewest(held);
          if (records.length > 0) await held.append(records.map((record) => stamp(record, epoch, step)));
        }),
      check: () => assertNewest(log),
    };
  }

  return {
    async entries() {
      const { counted } = fold(await log.entries());
      if (snapshot.length !== counted.length || snapshot[0] !== counted[0]) snapshot = counted.slice();
      return snapshot;
    },
    lease: (step: number, holder: Holder) =>
      log.exclusively(async (held) => {
        const before = fold(await held.entries());
        if (step !== before.lastDone + 1) return null;
        const epoch = before.epoch + 1;
        await held.append([stamp({ type: 'lease', holder }, epoch, step)]);
        return writer(epoch, step);
      }),
  };
}

function emptyFold(source: readonly JournalEntry[]): Folded {
  return { source, read: 0, counted: [], epoch: 0, lastDone: 0 };
}

function addEntry(file: string, folded: Folded, entry: JournalEntry): void {
  if (entry.type === 'lease') {
    if (entry.epoch <= folded.epoch) return;
    folded.epoch = entry.epoch;
  } else if (entry.epoch > folded.epoch) {
    throw corrupt(file, folded.read + 1, `lease ${entry.epoch} is missing before it`);
  } else if (entry.epoch < folded.epoch) {
    return;
  }
  folded.counted.push(entry);
  if (entry.type === 'step_done') folded.lastDone = Math.max(folded.lastDone, entry.step);
}
