import * as z from 'zod';
import { defineQueue, shortId } from './define.ts';

/**
 * What is asked of forges, slowly: each of them counts requests. State files say what is known of it already, so that a job may come
 * at any time, and twice.
 */
export const forge = defineQueue({
  name: 'forge',
  purpose: 'Take issues in, push branches, open pull requests and follow them, as the settings say',
  payload: z.discriminatedUnion('action', [
    /** Not called `projectId`: that a forge is away, or refuses, is no fault of the project. */
    z.object({ action: z.enum(['publish', 'watch']), project: z.uuid() }),
    z.object({ action: z.literal('intake'), forge: z.string().min(1), label: z.string().min(1) }),
  ]),
  jobName: (payload) =>
    payload.action === 'intake'
      ? `intake ${payload.forge} ${payload.label}`
      : `${shortId(payload.project)} ${payload.action}`,
  isRoutine: ({ action }) => action !== 'publish',
  options: {
    runsCommands: false,
    concurrency: 2,
    limiter: { max: 5, duration: 1_000 },
    attempts: 5,
    backoff: { type: 'exponential', delay: 5_000, jitter: 0.5 },
    keepCompleted: { count: 200, age: 86_400 },
    keepFailed: { count: 200, age: 7 * 86_400 },
  },
});
