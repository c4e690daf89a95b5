import type { Task, TaskList, TaskStatus } from '../../model/task.ts';

export type TaskCounts = Record<TaskStatus | 'total', number>;

export function countTasks({ tasks }: Pick<TaskList, 'tasks'>): TaskCounts {
  const counts: TaskCounts = {
    total: tasks.length,
    pending: 0,
    in_progress: 0,
    blocked: 0,
    completed: 0,
    skipped: 0,
  };
  for (const task of tasks) counts[task.status] += 1;
  return counts;
}

/** A command that the factory ran says so, at its newest run. A judge's opinion alone proves nothing. */
export function isProved({ evidence }: Pick<Task, 'evidence'>): boolean {
  const newest = new Map<string, boolean>();
  for (const { kind, name, passed } of evidence) {
    if (kind !== 'audit') newest.set(`${kind} ${name}`, passed);
  }
  return newest.size > 0 && [...newest.values()].every((passed) => passed);
}
