import type { Task, TaskList, TaskStatus } from '../../model/task.ts';
import { newestEvidence } from '../proof/runs.ts';

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
  const runs = newestEvidence(evidence).filter(({ kind }) => kind !== 'audit');
  return runs.length > 0 && runs.every(({ passed }) => passed);
}
