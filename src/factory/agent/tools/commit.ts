import * as z from 'zod';
import { defineTool, failed, said } from './tool.ts';
import { commitWork, unlessHeld, type WorkContext } from './work.ts';

const args = z.object({
  message: z
    .string()
    .trim()
    .min(1)
    .max(20_000)
    .describe('Subject line in the imperative, then, after a blank line, why.'),
});

export const commit = unlessHeld(
  defineTool<typeof args, WorkContext>({
    name: 'commit',
    description:
      'Commits everything in the worktree and answers with the hash. This is the only way to commit: `git commit` in ' +
      'bash cannot work. Commit each logical unit of work.',
    args,
    onResume: 'again',
    async run({ message }, context, call) {
      const { project, persona, state } = context;
      // The task that the agent is at: what it commits is work on that.
      const { currentTask } = await state.agent(project.id, persona).get();
      const { head, made } = await commitWork(context, project, message, call, currentTask);
      if (!made) return failed(`There is nothing to commit: the worktree is as it was at ${head}.`);
      await context.record({
        type: 'commit.made',
        message: `${head.slice(0, 12)} ${message.split('\n')[0]}`,
      });
      return said(`Committed as ${head}.`);
    },
  }),
);
