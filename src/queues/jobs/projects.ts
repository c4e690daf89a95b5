import * as z from 'zod';
import { defineQueue, shortId } from './define.ts';

/** Moves whole projects: makes those of schedules, prepares, forks and ends them, weighs branches and, for all of them, finds lost work again. */
export const projects = defineQueue({
  name: 'projects',
  purpose: 'Start, fork and end projects, and find lost work again',
  payload: z.discriminatedUnion('action', [
    z.object({ action: z.literal('start'), projectId: z.uuid() }),
    z.object({
      action: z.literal('stop'),
      projectId: z.uuid(),
      outcome: z.enum(['completed', 'failed', 'timeout']),
      reason: z.string(),
      /** Which attempt ends: delivered late, it must not end the next one. */
      attempt: z.number().int().positive().default(1),
    }),
    z.object({ action: z.enum(['fork', 'weigh', 'rest']), projectId: z.uuid() }),
    z.object({ action: z.literal('schedule'), scheduleId: z.uuid() }),
    z.object({ action: z.literal('reconcile') }),
  ]),
  jobName: (payload) => {
    if (payload.action === 'reconcile') return 'reconcile';
    const id = payload.action === 'schedule' ? payload.scheduleId : payload.projectId;
    return `${shortId(id)} ${payload.action}`;
  },
  isRoutine: ({ action }) => action === 'reconcile' || action === 'schedule',
  options: {
    runsCommands: true,
    concurrency: 4,
    limiter: { max: 200, duration: 1_000 },
    attempts: 2,
    backoff: { type: 'exponential', delay: 1_000, jitter: 0.5 },
    keepCompleted: { count: 200, age: 86_400 },
    keepFailed: { count: 1_000, age: 7 * 86_400 },
  },
});
