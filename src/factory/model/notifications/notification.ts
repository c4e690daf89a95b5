import * as z from 'zod';
import { documentHead, moment } from '../../../lib/schema.ts';
import { noticeKind } from './notification-target.ts';

/** A night in parts, as `df report` shows it. */
export const nightParts = z.array(
  z.object({
    title: z.string(),
    items: z.array(z.object({ name: z.string(), about: z.array(z.string()), next: z.string() })),
  }),
);
export type NightParts = z.infer<typeof nightParts>;

/** One thing that the owner is told. Without secrets: it stands in a file and leaves the machine. */
const notice = z.object({
  /** The same at every attempt to send it. */
  id: z.string().min(1),
  kind: z.union([noticeKind, z.literal('test')]),
  title: z.string(),
  message: z.string(),
  timestamp: z.iso.datetime(),
  project: z
    .object({
      id: z.string(),
      name: z.string(),
      status: z.string(),
      /** It is `failed` because its owner stopped it. */
      stopped: z.literal(true).optional(),
      branch: z.string(),
      /** USD. */
      cost: z.number().nonnegative(),
    })
    .nullable(),
  /** Of `night_report`, whose message is the same as Markdown. */
  night: nightParts.optional(),
});
export type Notice = z.infer<typeof notice>;

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
  /** Of which attempt. */
  attempt: z.number().int().positive().default(1),
  letters: z.array(letter).default([]),
});
export type Outbox = z.infer<typeof outbox>;

/** data/outbox/targets.yaml: since when each target is configured. What happened before is not its business. */
export const knownTargets = z.object({
  ...documentHead,
  since: z.record(z.string(), moment).default({}),
});
export type KnownTargets = z.infer<typeof knownTargets>;
