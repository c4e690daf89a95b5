import * as z from 'zod';
import { moment } from '../../lib/schema.ts';

/** 1 goes first, 5 last. */
export const priority = z.number().int().min(1).max(5);
const USUAL_PRIORITY = 3;

/** What a project remembers of the backlog: when its turn comes, after whom, and on whose branch. */
export const turnFields = {
  /** Orders turns, and steps while it is open. Missing: the usual one. */
  priority: priority.optional(),
  /** Projects that must be completed before its turn comes. */
  after: z.array(z.uuid()).optional(),
  /** The project on whose branch it stands; one of `after` too, until its owner says otherwise. */
  on: z.uuid().optional(),
  /** The commit of that branch that it begins with, once that is known. */
  onCommit: z.string().optional(),
  /** Since when it waits for its turn, or waited. Missing: it needs none (a branch of a decision, an older program's). */
  queuedAt: moment.optional(),
  /** Since when it has a place among the open projects. */
  turn: moment.optional(),
  /** Its worktree could not be put away while it was paused. */
  keepsPlace: z.boolean().optional(),
};

/** What of a project decides about its turn. */
interface Queued extends Partial<z.infer<z.ZodObject<typeof turnFields>>> {
  createdAt: Date;
  started: boolean;
  prepared: boolean;
  settled: boolean;
}

/** It was started and has no place yet: nothing is done for it until it has one. */
export function lacksTurn({
  started,
  queuedAt,
  turn,
  prepared,
  settled,
}: Omit<Queued, 'createdAt'>): boolean {
  return started && queuedAt !== undefined && turn === undefined && !prepared && !settled;
}

/** It is one of the open projects: it has a worktree, or is to have one next. */
export function hasPlace(project: Omit<Queued, 'createdAt'>): boolean {
  const { turn, prepared, settled, started, queuedAt } = project;
  return !settled && (turn !== undefined || prepared || (started && queuedAt === undefined));
}

/** One step of priority is worth this much waiting, so that after a day the last goes before a new first. Milliseconds. */
const WORTH_OF_PRIORITY_MS = 6 * 60 * 60_000;

/** Whose is smaller, its turn comes first. It never changes while a project waits, so nobody can be overtaken for ever. */
export function turnOrder({
  priority: given = USUAL_PRIORITY,
  queuedAt,
  createdAt,
}: Pick<Queued, 'priority' | 'queuedAt' | 'createdAt'>): number {
  return (queuedAt ?? createdAt).getTime() + given * WORTH_OF_PRIORITY_MS;
}
