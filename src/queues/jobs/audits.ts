import * as z from 'zod';
import { defineQueue, shortId } from './define.ts';

/** A judging pass over a project's task list. */
export const audits = defineQueue({
  name: 'audits',
  purpose: 'Ask a judge, task by task, whether the work is really done',
  payload: z.object({
    projectId: z.uuid(),
    /** `closing`: after the last persona; its verdict lets the project end. `periodic` and `manual`: in between. `tie`:
     * which of two branches that are equal by evidence and figures is the better one. `review`: of a change that somebody made. */
    kind: z.enum(['closing', 'periodic', 'manual', 'tie', 'review']),
    round: z.number().int().positive(),
  }),
  jobName: ({ projectId, kind, round }) => `${shortId(projectId)} ${kind} audit ${round}`,
  byPriority: true,
  options: {
    runsCommands: true,
    concurrency: 4,
    limiter: { max: 60, duration: 1_000 },
    attempts: 2,
    backoff: { type: 'exponential', delay: 2_000, jitter: 0.5 },
    keepCompleted: { count: 200, age: 86_400 },
    keepFailed: { count: 1_000, age: 7 * 86_400 },
  },
});
