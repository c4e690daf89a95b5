import * as z from 'zod';
import type { NextJob } from '../lifecycle/next-jobs.ts';
import { documentHead, moment } from '../../lib/schema.ts';
import { notice } from './notice.ts';

/** One notice for one target, until the target has it. */
const letter = z.object({
  notice,
  /** `targetId` of a target. */
  target: z.string(),
  tries: z.number().int().nonnegative().default(0),
  /** After a failure: the next try. */
  notBefore: moment.optional(),
});
export type Letter = z.infer<typeof letter>;

/** data/outbox/<id>.yaml: how far a log was read for notices, and what is still to be sent. */
export const outbox = z.object({
  ...documentHead,
  /** Bytes of the log that were looked through. */
  offset: z.number().int().nonnegative().default(0),
  /** The end of the project was noticed. */
  endNoticed: z.boolean().default(false),
  letters: z.array(letter).default([]),
});
export type Outbox = z.infer<typeof outbox>;

/** data/outbox/targets.yaml: since when each target is configured. What happened before is not its business. */
export const knownTargets = z.object({
  ...documentHead,
  since: z.record(z.string(), moment).default({}),
});
export type KnownTargets = z.infer<typeof knownTargets>;

const FIRST_MS = 5_000;
const LONGEST_MS = 15 * 60_000;
/** A target that takes nothing for so long is given up for this notice. */
export const GIVE_UP_MS = 24 * 3_600_000;

/**
 * Milliseconds until the next try.
 *
 * @param tries failures so far, at least one
 * @param asked what the target asked for; it is not asked sooner, but within the longest wait
 * @param chance from 0 to 1
 */
export function pauseAfter(tries: number, asked: number | undefined, chance: number): number {
  const grown = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(tries - 1, 20));
  return Math.round(Math.max(grown * (0.8 + 0.4 * chance), Math.min(asked ?? 0, LONGEST_MS)));
}

/** The job that brings a letter to its target. */
export function letterJob(box: string, { notice, target, notBefore }: Letter, now: Date): NextJob {
  const delay = notBefore === undefined ? 0 : Math.max(0, notBefore.getTime() - now.getTime());
  return {
    queue: 'notifications',
    payload: { box, notice: notice.id, target },
    deduplicationId: `notice.${notice.id}.${target}`,
    ...(delay === 0 ? {} : { delay }),
  };
}
