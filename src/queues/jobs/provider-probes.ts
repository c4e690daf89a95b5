import * as z from 'zod';
import { defineQueue } from './define.ts';

/** A tiny real call that tells whether a provider is alive and paid. */
export const providerProbes = defineQueue({
  name: 'provider-probes',
  purpose: 'Find out whether a provider is alive and paid',
  payload: z.object({
    providerId: z.string().min(1),
    /** Its owner changed it while it was being probed: one probe more, and not another one that comes back. */
    ordered: z.literal(true).optional(),
  }),
  jobName: ({ providerId }) => providerId,
  isRoutine: ({ ordered = false }) => ordered,
  options: {
    runsCommands: false,
    concurrency: 4,
    limiter: { max: 20, duration: 1_000 },
    attempts: 1,
    backoff: { type: 'exponential', delay: 1_000, jitter: 0.5 },
    keepCompleted: { count: 100, age: 86_400 },
    keepFailed: { count: 100, age: 86_400 },
  },
});
