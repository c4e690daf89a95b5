import * as z from 'zod';
import { OWNER } from './task.ts';

/** Longest words of the owner, and of an agent's question, in characters. */
export const LONGEST_WORDS = 20_000;

/** Where words come from that are not the owner's: data for agents, and no order. */
const outsideKind = z.enum(['issue', 'check', 'review']);
export type OutsideKind = z.infer<typeof outsideKind>;

/** One line of talk.jsonl: what the owner and the agents of a project said to each other. What was handed over stands in journals. */
export const talkEntry = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('message'),
    id: z.uuid(),
    at: z.iso.datetime(),
    by: z.string(),
    text: z.string(),
    /** For this agent alone. Missing: for whichever is at work. */
    persona: z.string().optional(),
    /** Missing: the owner's. */
    outside: outsideKind.optional(),
  }),
  z.object({
    type: z.literal('question'),
    id: z.uuid(),
    at: z.iso.datetime(),
    persona: z.string(),
    question: z.string(),
    options: z.array(z.string()).optional(),
    default: z.string().optional(),
    /** The task that hangs on it. */
    taskId: z.uuid().optional(),
  }),
  /** Of one question only the first counts. */
  z.object({
    type: z.literal('answer'),
    question: z.uuid(),
    at: z.iso.datetime(),
    by: z.string(),
    text: z.string(),
  }),
]);
export type TalkEntry = z.infer<typeof talkEntry>;

/** `by` of an answer that nobody gave: what the agent said it would take. */
export const DEFAULT = 'default';

/** Who gave it, as sentences begin. */
export const nameOf = (by: string): string => (by === OWNER ? 'The owner' : by);

/** The keys of the notes by which messages and answers stand in a journal: each counts once. */
export const messageKey = (id: string): string => `message-${id}`;
/** A change that the owner made to the task list. */
export const orderKey = (noteId: string): string => `owner-${noteId}`;
export const answerKey = (questionId: string): string => `answer-${questionId}`;
