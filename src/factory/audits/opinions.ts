import { createHash } from 'node:crypto';
import * as z from 'zod';
import { openNotes } from '../hearings/transcript.ts';
import type { JournalEntry, JournalRecord } from '../model/journal.ts';
import type { Opinion } from './audit.ts';
import { verdict } from './verdict.ts';

const opinion = z.object({ judge: z.string(), verdict: verdict.nullable() });

/** Verdicts that the auditor's journal knows, by what they depend on. */
export interface Opinions {
  /** A verdict of any round for the same input; one that could not be read counts for its own round only. */
  find(taskId: string, input: string): Opinion | undefined;
  note(taskId: string, input: string, given: Opinion): JournalRecord;
}

/** Names a task as it is judged: another commit, wording or outcome has another one. */
export function judgedKey(taskId: string, input: string): string {
  return `${taskId}/${createHash('sha256').update(input).digest('hex').slice(0, 32)}`;
}

/** @param entries the auditor's journal, read after the lease was taken */
export function openOpinions(entries: readonly JournalEntry[], round: number): Opinions {
  const notes = openNotes(entries);
  const keyOf = (taskId: string, input: string) => `verdict/${judgedKey(taskId, input)}`;
  return {
    find(taskId, input) {
      const key = keyOf(taskId, input);
      return notes.read(opinion, key) ?? notes.read(opinion, `${key}/${round}`);
    },
    note(taskId, input, given) {
      const key = keyOf(taskId, input);
      return notes.write(given.verdict === null ? `${key}/${round}` : key, given);
    },
  };
}
