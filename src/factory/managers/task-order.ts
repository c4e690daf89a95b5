import * as z from 'zod';
import { type DarkFactoryError, usageError } from '../../lib/failure.ts';
import { whatChanges, whatDiffers } from '../../lib/record.ts';
import { placeAndProblem } from '../../lib/schema.ts';
import { withoutMissing } from '../../lib/without-missing.ts';
import { criterion, OWNER, type Task, task, taskStatus } from '../model/task.ts';
import type { OwnerChange } from '../tasks/list/owner.ts';

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
const taskOrder = z.strictObject(taskFields);
const taskUpdate = z.strictObject({
  ...taskFields,
  title: taskFields.title.optional(),
  status: taskStatus.optional(),
  note: z.string().trim().min(1).max(10_000).optional(),
});

/** A task that is to be added. What the factory keeps of tasks may be said as it is of a new one. */
export type TaskOrder = z.input<typeof taskOrder> & Partial<Omit<Task, 'id' | keyof typeof taskFields>>;
/**
 * What an owner may change of a task; all else of it may be handed back as it stands. What proves it, and that it is completed, nobody can
 * say: commands and audits do.
 */
export type TaskUpdate = z.input<typeof taskUpdate> & Partial<Omit<Task, keyof typeof taskFields | 'status'>>;

/** What the factory says of a task that is new, besides when it was made. */
const NEW = {
  status: 'pending',
  completionConfidence: 0,
  verificationNotes: [],
  evidence: [],
  addedBy: OWNER,
};

/** Throws `usage`: `invalid_title`, `task_invalid`. */
export function readOrder({ createdAt: _now, ...given }: TaskOrder): z.output<typeof taskOrder> {
  return read(taskOrder, whatDiffers(given, NEW));
}

/**
 * What is to be different from the task as it stands; of one that is handed back, what differs.
 *
 * Throws `usage`: `invalid_title`, `task_invalid`, `completed_needs_proof`.
 */
export function readUpdate(
  given: TaskUpdate,
  there: Task,
): Omit<OwnerChange, 'persona'> & { assignedPersona?: string } {
  const changes = whatChanges(given, there, task.shape, taskUpdate.shape);
  const { status, ...fields } = read(taskUpdate, changes);
  if (status !== 'completed') return withoutMissing({ ...fields, status });
  if (there.status !== status) throw completedNeedsProof();
  return withoutMissing(fields);
}

function read<T extends z.ZodObject>(schema: T, given: object): z.output<T> {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue?.path.join('.') === 'title')
    throw usageError('invalid_title', issue.message, 'Give a short one, and the rest with --description');
  throw usageError(
    'task_invalid',
    `Nothing was changed: ${placeAndProblem(issue, 'cannot be said of a task')}`,
    `What can be said is ${Object.keys(schema.shape).join(', ')}.`,
  );
}

export function completedNeedsProof(): DarkFactoryError {
  return usageError(
    'completed_needs_proof',
    "No task is completed by anybody's word, not even its owner's",
    'Have it judged with df audit, or take it off the list with df tasks skip',
  );
}
