import * as z from 'zod';
import { type DarkFactoryError, usageError } from '../../lib/failure.ts';
import { criterion, type TaskStatus, taskStatus } from '../model/task.ts';

const taskFields = {
  title: z
    .string()
    .transform((text) => text.replace(/\s+/g, ' ').trim())
    .pipe(
      z
        .string()
        .min(1, 'The title of the task is empty')
        .max(500, 'The title of the task is longer than 500 characters'),
    ),
  description: z.string().max(200_000).optional(),
  /** 1 is the most urgent, 5 the least. */
  priority: z.number().int().min(1).max(5).optional(),
  /** Ids, unique beginnings of ids, or exact titles. */
  dependencies: z.array(z.string().min(1)).optional(),
  /** Commands that prove it. Missing: those of the persona. */
  criteria: z.array(criterion.omit({ fromPersona: true })).optional(),
  /** A persona of the project. */
  assignedPersona: z.string().optional(),
};
export const taskOrder = z.strictObject(taskFields);
export const taskUpdate = z.strictObject({
  ...taskFields,
  title: taskFields.title.optional(),
  status: taskStatus.optional(),
  note: z.string().trim().min(1).max(10_000).optional(),
});

/** A task that is to be added. */
export type TaskOrder = z.input<typeof taskOrder>;
/** What an owner may change of a task. What proves it, and that it is completed, nobody can say: commands and audits do. */
export type TaskUpdate = Omit<z.input<typeof taskUpdate>, 'status'> & {
  status?: Exclude<TaskStatus, 'completed'>;
};

/** Throws `usage`: `invalid_title`, `task_invalid`. */
export function parsed<T extends z.ZodType>(schema: T, value: z.input<T>): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue?.path.join('.') ?? '';
  const problem = issue?.message ?? 'It is no task';
  if (place === 'title')
    throw usageError('invalid_title', problem, 'Give a short one, and the rest with --description');
  throw usageError(
    'task_invalid',
    place === '' ? problem : `${place}: ${problem}`,
    'A task has title, description, priority, dependencies, criteria and assignedPersona.',
  );
}

export function completedNeedsProof(): DarkFactoryError {
  return usageError(
    'completed_needs_proof',
    "No task is completed by anybody's word, not even its owner's",
    'Have it judged with df audit, or take it off the list with df tasks skip',
  );
}
