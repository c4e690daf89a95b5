import * as z from 'zod';
import { taskStatus } from '../../model/task.ts';
import { decisionArgs } from './decision.ts';
import { defineTool, type Tool } from './tool.ts';

const criterionArgs = z.object({
  name: z.string().min(1).max(500).describe('What the command proves, in a few words.'),
  command: z.string().min(1).max(20_000).describe('Shell command, run in the worktree by the factory.'),
  expected_exit_code: z.number().int().min(0).max(255).optional().describe('Default 0.'),
});

export const addTasksArgs = z.object({
  tasks: z
    .array(
      z.object({
        title: z.string().min(1).max(500),
        description: z.string().max(20_000).describe('What has to be true when it is done.'),
        priority: z.number().int().min(1).max(5).optional().describe('1 is the most urgent, 5 the least.'),
        dependencies: z
          .array(z.string().min(1))
          .optional()
          .describe('Ids or exact titles of tasks that must be completed first.'),
        criteria: z
          .array(criterionArgs)
          .optional()
          .describe('Commands that prove the task; a task without them is only weakly specified.'),
      }),
    )
    .min(1)
    .max(100),
});
export type AddTasksArgs = z.infer<typeof addTasksArgs>;

export const updateTaskArgs = z.object({
  id: z.string().min(1).describe('Id of the task (a unique beginning is enough) or its exact title.'),
  status: taskStatus,
  note: z.string().max(10_000).optional().describe('What was done, found out, or is in the way.'),
});
export type UpdateTaskArgs = z.infer<typeof updateTaskArgs>;

export const commitArgs = z.object({
  message: z
    .string()
    .trim()
    .min(1)
    .max(20_000)
    .describe('Subject line in the imperative, then, after a blank line, why.'),
});
export type CommitArgs = z.infer<typeof commitArgs>;

export const finishArgs = z.object({
  summary: z
    .string()
    .trim()
    .min(1)
    .max(20_000)
    .describe('What was done, what was left out and why, and what the next one must know.'),
});
export type FinishArgs = z.infer<typeof finishArgs>;
export type DecisionArgs = z.infer<typeof decisionArgs>;

export const addTasks: Tool = defineTool({
  name: 'add_tasks',
  description:
    'Adds tasks to the project’s task list and answers with their ids. Break the work into tasks that can each be ' +
    'proved by commands, and give those commands as criteria.',
  args: addTasksArgs,
  onResume: 'again',
  run: (args, context, call) => context.addTasks(args, call),
});

export const updateTask: Tool = defineTool({
  name: 'update_task',
  description:
    'Changes the status of a task. `completed` is a claim: the factory commits the worktree, runs the criteria of the ' +
    'task in a clean tree of that commit (a criterion that needs a build must build: files that git ignores are as the ' +
    'set-up left them) and answers with their outcome; when one fails, the task stays in progress and you see the output. Use ' +
    '`blocked` with a note when you cannot go on with it.',
  args: updateTaskArgs,
  onResume: 'again',
  run: (args, context, call) => context.updateTask(args, call),
});

export const commit: Tool = defineTool({
  name: 'commit',
  description:
    'Commits everything in the worktree and answers with the hash. This is the only way to commit: `git commit` in ' +
    'bash cannot work. Commit each logical unit of work.',
  args: commitArgs,
  onResume: 'again',
  run: (args, context, call) => context.commit(args, call),
});

export const proposeDecision: Tool = defineTool({
  name: 'propose_decision',
  description:
    'Puts a decision with lasting consequences before the factory when you are unsure. With low confidence and at ' +
    'least two good options the project is forked and the options are built side by side; otherwise you are told ' +
    'which option to go on with. Confidences are numbers from 0 to 1.',
  args: decisionArgs,
  onResume: 'again',
  run: (args, context, call) => context.proposeDecision(args, call),
});

export const finish: Tool = defineTool({
  name: 'finish',
  description:
    'Claims that your part of the project is done. The factory then runs its quality gate (tests, lint, format and ' +
    'other checks); if something fails you are called again with the output. Call it once, alone, as the last thing.',
  args: finishArgs,
  onResume: 'again',
  run: (args, context, call) => context.finish(args, call),
});
