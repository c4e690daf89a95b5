import type { Task, TaskStatus } from '../../model/task.ts';
import { completionConfidence } from '../proof/evidence.ts';

/** A task that the factory has not yet settled: neither proved nor given up. */
export function isOpen(task: Pick<Task, 'status'>): boolean {
  return task.status !== 'completed' && task.status !== 'skipped';
}

/** Blocked for a reason that does not end by itself. */
export function isStuck(task: Pick<Task, 'status' | 'blockedBy'>): boolean {
  return task.status === 'blocked' && task.blockedBy !== 'dependencies';
}

/** The same task without a trace of why it was blocked, skipped or completed. */
function cleared(task: Task): Task {
  const { completedAt: _at, blockedBy: _blockedBy, skippedBy: _skippedBy, ...rest } = task;
  return rest;
}

/**
 * A status that somebody sets without proof: anything but `completed`.
 *
 * Setting a completed task back to work is allowed; its evidence stays as history, its confidence is gone.
 *
 * @param by whose word it is; kept for `blocked` and `skipped`
 */
export function setStatus(
  task: Task,
  status: Exclude<TaskStatus, 'completed'>,
  note: string | undefined,
  now: Date,
  by: 'agent' | 'owner' | 'factory' = 'agent',
): Task {
  return {
    ...cleared(task),
    status,
    completionConfidence: 0,
    ...(status === 'blocked' ? { blockedBy: by } : {}),
    ...(status === 'skipped' ? { skippedBy: by } : {}),
    ...(status === 'in_progress' && task.startedAt === undefined ? { startedAt: now } : {}),
    verificationNotes: withNote(task, note),
  };
}

/** Settles a task as proved. Its evidence must hold what proves it. */
export function complete(task: Task, note: string | undefined, now: Date): Task {
  return {
    ...cleared(task),
    status: 'completed',
    startedAt: task.startedAt ?? now,
    completedAt: task.completedAt ?? now,
    completionConfidence: completionConfidence(task),
    verificationNotes: withNote(task, note),
  };
}

/** Notes kept of one task; the first one says where it came from. */
const NOTES_KEPT = 40;

export function withNote(task: Pick<Task, 'verificationNotes'>, note: string | undefined): string[] {
  const { verificationNotes: notes } = task;
  // Twelve hours of audits would otherwise say the same sentence over and over.
  if (!note || notes.at(-1) === note) return notes;
  const [first = note, ...others] = [...notes, note];
  return others.length < NOTES_KEPT ? [first, ...others] : [first, ...others.slice(1 - NOTES_KEPT)];
}
