import * as z from 'zod';
import { defineQueue, shortId } from './define.ts';

/** What is asked of forges, slowly: each of them counts requests. */
export const forge = defineQueue({
  name: 'forge',
  purpose: 'Push branches and open pull requests, as the settings say',
  payload: z.discriminatedUnion('action', [
    /** Not called `projectId`: that a forge is away, or refuses, is no fault of the project. */
    z.object({ action: z.literal('publish'), project: z.uuid() }),
  ]),
  jobName: ({ action, project }) => `${shortId(project)} ${action}`,
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
