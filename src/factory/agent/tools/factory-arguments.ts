import { taskStatus } from '../../model/task.ts';
import type { decisionArgs } from './decision.ts';
import * as z from 'zod';

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
