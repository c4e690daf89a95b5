import * as z from 'zod';
import { defineQueue, shortId } from './define.ts';

/** One model turn of one agent and the tool calls that it asked for. */
export const agentSteps = defineQueue({
  name: 'agent-steps',
  purpose: 'One model turn of an agent and its tool calls',
  payload: z.object({ projectId: z.uuid(), persona: z.string().min(1), step: z.number().int().positive() }),
  jobName: ({ projectId, persona, step }) => `${shortId(projectId)} ${persona} step ${step}`,
  byPriority: true,
  options: {
    runsCommands: true,
    concurrency: 'workers',
    limiter: { max: 2_000, duration: 1_000 },
    attempts: 3,
    backoff: { type: 'exponential', delay: 1_000, jitter: 0.5 },
    keepCompleted: { count: 200, age: 86_400 },
    keepFailed: { count: 1_000, age: 7 * 86_400 },
  },
});
