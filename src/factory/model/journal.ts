import * as z from 'zod';
import { assistantMessage } from './message.ts';
import { operation, usage } from './money/finance.ts';
import { tier } from './money/tier.ts';

const head = {
  at: z.iso.datetime(),
  /** The lease under which the entry was written; entries of an older lease after a newer one do not count. */
  epoch: z.number().int().nonnegative(),
  step: z.number().int().nonnegative(),
};

/** Where a request was sent by the owner's tiers. */
const routed = {
  /** Of the provider. Missing: it is of none. */
  tier: tier.optional(),
  /** It was kept to a tier (or `any`) because none of the tier that was wanted could be used. */
  wanted: z.string().optional(),
  instead: z.string().optional(),
};

/** Opens (or, after a crash, re-opens) a step for one worker. */
export const leaseEntry = z.object({
  ...head,
  type: z.literal('lease'),
  holder: z.object({
    host: z.string(),
    pid: z.number().int(),
    startedAt: z.string(),
    /** Id of the job for which it was taken: the same one, delivered again, may take over. */
    job: z.string().optional(),
    /** Project and persona whose journal it is. Missing: written by an older program. */
    of: z.string().optional(),
  }),
});

/** The holder has put the open step down without ending it; anybody may take it up. */
const releasedEntry = z.object({ ...head, type: z.literal('released') });

/** Written before a provider request is sent; without a `reply` or `request_failed` the reply was lost in flight. */
const requestEntry = z.object({
  ...head,
  type: z.literal('request'),
  requestId: z.string(),
  provider: z.string(),
  model: z.string(),
  operation,
  /** USD set aside for it: the worst case. */
  reserved: z.number().nonnegative(),
  ...routed,
  /** Why the work is another tier's until it is green. */
  escalated: z.string().optional(),
});

const replyEntry = z.object({
  ...head,
  type: z.literal('reply'),
  requestId: z.string(),
  provider: z.string(),
  model: z.string(),
  message: assistantMessage,
  usage,
  cost: z.number().nonnegative(),
  stop: z.enum([
    'end',
    'tool_calls',
    'max_tokens',
    'context',
    'paused',
    'refusal',
  ]) /** Tokens of output that it was given. Missing: written by an older program. */,
  limit: z.number().int().positive().optional(),
  /** It was cut there, and may have so many when it is asked for again. */
  more: z.number().int().positive().optional(),
});

/** A reply of the open step counts no more: it was cut, and is asked for again with more room. It stays paid. */
const setAsideEntry = z.object({
  ...head,
  type: z.literal('set_aside'),
  requestId: z.string(),
  /** Tokens of output that it is asked for with. */
  more: z.number().int().positive(),
});

const requestFailedEntry = z.object({
  ...head,
  type: z.literal('request_failed'),
  requestId: z.string(),
  kind: z.string(),
  detail: z.string(),
});

const toolStartedEntry = z.object({
  ...head,
  type: z.literal('tool_started'),
  callId: z.string(),
  name: z.string(),
});

const toolResultEntry = z.object({
  ...head,
  type: z.literal('tool_result'),
  callId: z.string(),
  name: z.string(),
  output: z.string(),
  isError: z.boolean(),
  outputFile: z.string().optional(),
  /** What the call means for the step, kept here because a crash may separate this entry from `step_done`. */
  effect: z.enum(['finish', 'blocked', 'fork']).optional(),
});

/** Something the agent is told: the task, a gate's outcome, an audit's note. The same `key` counts once. */
const noteEntry = z.object({
  ...head,
  type: z.literal('note'),
  key: z.string(),
  text: z.string(),
});

/** All messages before this entry, less the opening and the newest `keep` ones, are replaced by `text`. */
const compactedEntry = z.object({
  ...head,
  type: z.literal('compacted'),
  text: z.string(),
  /** How many of the newest messages stay as they were. Missing: none. */
  keep: z.number().int().nonnegative().optional(),
  /** Who wrote it, for want of room. Missing: a fresh beginning, or an older program's. */
  by: z.enum(['model', 'factory']).optional(),
});

/** The step is over; the same step is never taken again. */
const stepDoneEntry = z.object({
  ...head,
  type: z.literal('step_done'),
  /** `finish` is an agent's claim, `passed` a gate that confirmed it. */
  outcome: z.enum(['continue', 'finish', 'passed', 'blocked', 'fork', 'interrupted']),
  /** Changes when tree, tasks or gate changed, for the no-progress rule. Missing: the step could not change them. */
  tree: z.string().optional(),
  /** What the no-progress rule made of the turns so far. Missing: nothing to object. */
  progress: z.enum(['warned', 'fresh', 'blocked']).optional(),
  /** Of a claim to be done: how its gate ended. */
  gate: z.enum(['passed', 'failed']).optional(),
  /** Why the step ended as it did, for people. */
  reason: z.string().optional(),
});

export const journalEntry = z.discriminatedUnion('type', [
  leaseEntry,
  releasedEntry,
  requestEntry,
  replyEntry,
  setAsideEntry,
  requestFailedEntry,
  toolStartedEntry,
  toolResultEntry,
  noteEntry,
  compactedEntry,
  stepDoneEntry,
]);
export type RequestRoute = Pick<z.infer<typeof requestEntry>, keyof typeof routed>;
export type JournalEntry = z.infer<typeof journalEntry>;
/** An entry before the journal stamps it with time, epoch and step. */
type Unstamped<T> = T extends unknown ? Omit<T, 'at' | 'epoch' | 'step'> : never;
export type JournalRecord = Unstamped<JournalEntry>;
export type Holder = z.infer<typeof leaseEntry>['holder'];
