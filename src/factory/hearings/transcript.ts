import * as z from 'zod';
import { parseJson } from '../../lib/record.ts';
import type { JournalEntry, JournalRecord } from '../model/journal.ts';
import {
  assistantMessage,
  type ChatMessage,
  type ToolMessage,
  toolMessage,
  userMessage,
} from '../model/message.ts';

const transcriptEntry = z.object({
  judge: z.string(),
  message: z.discriminatedUnion('role', [assistantMessage, toolMessage, userMessage]),
});
export type TranscriptEntry = z.infer<typeof transcriptEntry>;

/** Of a round under way every word between the factory and those it asks. What stands here is not asked and not paid for again. */
export interface HearingTranscript {
  /** What was said at a hearing of this round so far, after the question. */
  of(key: string): TranscriptEntry[];
  note(key: string, index: number, words: TranscriptEntry): JournalRecord;
}

/** @param entries the auditor's journal, read after the lease was taken */
export function openTranscript(entries: readonly JournalEntry[], round: number): HearingTranscript {
  const notes = openNotes(entries);
  const wordsKey = (key: string, index: number) => `hearing/${round}/${key}/${index}`;
  return {
    of(key) {
      const words: TranscriptEntry[] = [];
      for (;;) {
        const next = notes.read(transcriptEntry, wordsKey(key, words.length));
        if (next === undefined) return words;
        words.push(next);
      }
    },
    note: (key, index, words) => notes.write(wordsKey(key, index), words),
  };
}

/** Notes of a journal by their keys, the newest of each; those that are made here among them. */
export function openNotes(entries: readonly JournalEntry[]) {
  const notes = new Map<string, string>();
  for (const entry of entries) if (entry.type === 'note') notes.set(entry.key, entry.text);
  return {
    read: <T>(schema: z.ZodType<T>, key: string) => read(schema, notes.get(key)),
    write(key: string, value: unknown): JournalRecord {
      const text = JSON.stringify(value);
      notes.set(key, text);
      return { type: 'note', key, text };
    },
  };
}

/** What a judge's call came to, where a note is that. */
export function heardResult({ key, text }: { key: string; text: string }): ToolMessage | null {
  const heard = key.startsWith('hearing/') ? read(transcriptEntry, text) : undefined;
  return heard?.message.role === 'tool' ? heard.message : null;
}

/** Journals of an older form of these notes are no reason to fail: then the judge is asked. */
function read<T>(schema: z.ZodType<T>, text: string | undefined): T | undefined {
  return text === undefined ? undefined : schema.safeParse(parseJson(text)).data;
}

export const messagesOf = (words: readonly TranscriptEntry[]): ChatMessage[] =>
  words.map(({ message }) => message);
