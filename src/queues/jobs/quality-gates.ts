import * as z from 'zod';
import { defineQueue, shortId } from './define.ts';

/** The acceptance criteria of a persona, run by the factory in the sandbox. */
export const qualityGates = defineQueue({
  name: 'quality-gates',
  purpose: 'Tests, lint, format and custom checks, run by the factory',
  payload: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('baseline'), projectId: z.uuid(), persona: z.string().min(1) }),
    z.object({
      kind: z.literal('finish'),
      projectId: z.uuid(),
      persona: z.string().min(1),
      step: z.number().int().positive(),
    }),
    z.object({
      kind: z.literal('manual'),
      projectId: z.uuid(),
      persona: z.string().min(1),
      reportId: z.string().min(1),
    }),
    z.object({ kind: z.literal('merge'), projectId: z.uuid(), persona: z.string().min(1) }),
  ]),
  jobName: (payload) => {
    const step = payload.kind === 'finish' ? ` step ${payload.step}` : '';
    return `${shortId(payload.projectId)} ${payload.persona} ${payload.kind} gate${step}`;
  },
  byPriority: true,
  options: {
    runsCommands: true,
    concurrency: 'gates',
    limiter: { max: 100, duration: 1_000 },
    attempts: 2,
    backoff: { type: 'exponential', delay: 2_000, jitter: 0.5 },
    keepCompleted: { count: 200, age: 86_400 },
    keepFailed: { count: 1_000, age: 7 * 86_400 },
  },
});
