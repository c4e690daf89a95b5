import { createHash } from 'node:crypto';
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
import type { Opinion } from './audit.ts';
import { verdict } from './verdict.ts';

const opinion = z.object({ judge: z.string(), verdict: verdict.nullable() });
const transcriptEntry = z.object({
  judge: z.string(),
  message: z.discriminatedUnion('role', [assistantMessage, toolMessage, userMessage]),
});
export type TranscriptEntry = z.infer<typeof transcriptEntry>;

/**
 * What the auditor's journal knows: verdicts by what they depend on, and of the round under way every word between the
 * factory and its judges. What stands here is not asked and not paid for again.
 */
export interface AuditTranscript {
  /** A verdict of any round for the same input; one that could not be read counts for its own round only. */
  opinion(taskId: string, input: string): Opinion | undefined;
  noteOpinion(taskId: string, input: string, given: Opinion): JournalRecord;
  /** What was said about a task in this round so far, after the question. */
  of(taskId: string): TranscriptEntry[];
  note(taskId: string, index: number, words: TranscriptEntry): JournalRecord;
}

/** @param entries the auditor's journal, read after the lease was taken */
export function openTranscript(entries: readonly JournalEntry[], round: number): AuditTranscript {
  const notes = new Map<string, string>();
  for (const entry of entries) if (entry.type === 'note') notes.set(entry.key, entry.text);
  const opinionKey = (taskId: string, input: string) =>
    `verdict/${taskId}/${createHash('sha256').update(input).digest('hex').slice(0, 32)}`;
  const wordsKey = (taskId: string, index: number) => `hearing/${round}/${taskId}/${index}`;
  const write = (key: string, value: unknown): JournalRecord => {
    const text = JSON.stringify(value);
    notes.set(key, text);
    return { type: 'note', key, text };
  };
  return {
    opinion(taskId, input) {
      const key = opinionKey(taskId, input);
      return read(opinion, notes.get(key)) ?? read(opinion, notes.get(`${key}/${round}`));
    },
    noteOpinion(taskId, input, given) {
      const key = opinionKey(taskId, input);
      return write(given.verdict === null ? `${key}/${round}` : key, given);
    },
    of(taskId) {
      const words: TranscriptEntry[] = [];
      for (;;) {
        const next = read(transcriptEntry, notes.get(wordsKey(taskId, words.length)));
        if (next === undefined) return words;
        words.push(next);
      }
    },
    note: (taskId, index, words) => write(wordsKey(taskId, index), words),
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
