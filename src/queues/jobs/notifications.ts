import * as z from 'zod';
import { defineQueue, shortId } from './define.ts';

/** One message to one target. What it says stands in the outbox; a job only says which. */
export const notifications = defineQueue({
  name: 'notifications',
  purpose: 'Tell the owner what happened',
  payload: z.object({
    /** A project's id, or `factory`. Not called `projectId`: a message that cannot be sent is no fault of the project. */
    box: z.string().min(1).max(64),
    notice: z.string().min(1),
    target: z.string().min(1),
  }),
  jobName: ({ box, notice }) => `${shortId(box)} notice ${shortId(notice)}`,
  options: {
    runsCommands: false,
    concurrency: 4,
    limiter: { max: 20, duration: 1_000 },
    // Of surprises. What a target refuses is no surprise: the job parks, longer from try to try.
    attempts: 5,
    backoff: { type: 'exponential', delay: 5_000, jitter: 0.5 },
    keepCompleted: { count: 200, age: 86_400 },
    keepFailed: { count: 200, age: 7 * 86_400 },
  },
});
