import * as z from 'zod';
import { defineTool } from './tool.ts';
import { commitWork, unlessHeld, type WorkContext } from './work.ts';

const args = z.object({
  summary: z
    .string()
    .trim()
    .min(1)
    .max(20_000)
    .describe('What was done, what was left out and why, and what the next one must know.'),
});

/** A claim. The gate decides, and its report is the next thing that the agent sees. */
export const finish = unlessHeld(
  defineTool<typeof args, WorkContext>({
    name: 'finish',
    description:
      'Claims that your part of the project is done. The factory then runs its quality gate (tests, lint, format and ' +
      'other checks); if something fails you are called again with the output. Call it once, alone, as the last thing.',
    args,
    onResume: 'again',
    async run({ summary }, context, call) {
      const { project, persona } = context;
      await commitWork(context, project, `${persona}: finish\n\n${summary}`, call);
      await context.record({ type: 'agent.finished', message: `${persona} claims to be done.` });
      const output = 'The quality gate runs now; you will see its outcome.';
      return { output, isError: false, effect: 'finish' };
    },
  }),
);
