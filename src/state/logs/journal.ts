/**
 * An agent's journal: an append-only log in which leases stand between the entries.
 *
 * A lease opens a step for one worker and has an epoch, one more than any before it. From a lease on only entries of its
 * epoch count, so whatever a worker that was overtaken still writes changes nothing.
 *
 * Leases are taken under the log's lock. Their holder writes without it, for nobody writes beside it: who takes a step over that
 * was not put down puts a copy in the journal's place first. A holder that was overtaken sees that, or the new lease, and writes
 * nothing; one that was suspended in the middle of a write reaches a file that nobody reads any more.
 */
import { isDeepStrictEqual } from 'node:util';
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
import { corrupt, type Forced } from './lines.ts';
import { createJsonLog } from './log.ts';
import type { LogDeps } from './log-types.ts';

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
  /** The newest lease was not closed. */
  open: boolean;
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
    const isNewest = (entries: readonly JournalEntry[]) => fold(entries).epoch === epoch;
    const assertNewest = (entries: readonly JournalEntry[]): void => {
      if (isNewest(entries)) return;
      const newest = folded.epoch;
      throw new LeaseLost(`${file}: lease ${epoch} of step ${step} was overtaken by lease ${newest}`);
    };
    /** Something was written that a power cut may still take: at first the lease. */
    let unforced = true;
    const force = async () => {
      if (unforced) await log.force();
      unforced = false;
    };

    async function put(records: readonly JournalRecord[], forced: Forced): Promise<void> {
      const entries = records.map((record) => stamp(record, epoch, step));
      const outcome = await log.appendAlone(entries, forced, isNewest);
      if (outcome === 'written') return;
      await log.exclusively(async (held) => {
        const known = await held.entries();
        if (outcome === 'replaced' && includes(fold(known).counted, entries)) return log.force();
        assertNewest(known);
        await held.append(entries, forced);
      });
    }

    async function check(): Promise<void> {
      assertNewest(await log.entries());
      await force();
    }

    return {
      epoch,
      step,
      async append(...records) {
        if (records.length === 0) return check();
        await put(records, 'now');
        unforced = false;
      },
      async write(...records) {
        await put(records, 'later');
        unforced = true;
      },
      check,
    };
  }

  return {
    known() {
      const entries = log.known();
      return entries === null ? null : fold(entries).counted;
    },
    async entries() {
      const { counted } = fold(await log.entries());
      if (snapshot.length !== counted.length || snapshot[0] !== counted[0]) snapshot = counted.slice();
      return snapshot;
    },
    lease: (step: number, holder: Holder) =>
      log.exclusively(async (held) => {
        const isNext = async () => step === fold(await held.entries()).lastDone + 1;
        if (!(await isNext())) return null;
        if (folded.open) {
          await held.replace();
          if (!(await isNext())) return null;
        }
        const epoch = folded.epoch + 1;
        await held.append([stamp({ type: 'lease', holder }, epoch, step)], 'later');
        return writer(epoch, step);
      }),
  };
}

function emptyFold(source: readonly JournalEntry[]): Folded {
  return { source, read: 0, counted: [], epoch: 0, lastDone: 0, open: false };
}

/** Were entries of one lease taken along when the file was copied? They are one write: the last of them tells. */
function includes(counted: readonly JournalEntry[], entries: readonly JournalEntry[]): boolean {
  const last = entries.at(-1);
  const found = counted.findLast((entry) => entry.epoch === last?.epoch);
  return isDeepStrictEqual(found, last);
}

function addEntry(file: string, folded: Folded, entry: JournalEntry): void {
  if (entry.type === 'lease') {
    if (entry.epoch <= folded.epoch) return;
    folded.epoch = entry.epoch;
    folded.open = true;
  } else if (entry.epoch > folded.epoch) {
    throw corrupt(file, folded.read + 1, `lease ${entry.epoch} is missing before it`);
  } else if (entry.epoch < folded.epoch) {
    return;
  }
  folded.counted.push(entry);
  if (entry.type === 'step_done' || entry.type === 'released') folded.open = false;
  if (entry.type === 'step_done') folded.lastDone = Math.max(folded.lastDone, entry.step);
}
