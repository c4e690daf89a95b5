import type { JournalEntry, JournalRecord } from '../../../../src/factory/model/journal.ts';
import { NOW } from '../support.ts';

/** Entries of one lease. */
export function entries(epoch: number, step: number, ...records: JournalRecord[]): JournalEntry[] {
  return records.map((record) => ({ at: NOW.toISOString(), epoch, step, ...record }));
}

export const lease: JournalRecord = { type: 'lease', holder: { host: 'h', pid: 1, startedAt: '1' } };
export const note = (key: string, text = key): JournalRecord => ({ type: 'note', key, text });
