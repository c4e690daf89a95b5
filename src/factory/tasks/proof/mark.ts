import { createHash } from 'node:crypto';
import { workMark } from '../../agent/turn/progress.ts';
import type { QualityReport } from '../../model/gates/gate-report.ts';
import type { Task } from '../../model/task.ts';

/**
 * What the no-progress rule compares from turn to turn. Tasks count by title: the same tasks added once more, under new ids,
 * change nothing.
 *
 * @param tree hash of the worktree
 * @param gate the newest report
 */
export function markOf(
  tree: string,
  tasks: readonly Pick<Task, 'title' | 'status'>[],
  gate: Pick<QualityReport, 'checks' | 'passed'> | undefined,
): string {
  const titles = (wanted: readonly Pick<Task, 'title' | 'status'>[]) => [
    ...new Set(wanted.map(({ title, status }) => `${title.trim().toLowerCase()} ${status}`)),
  ];
  const proved = titles(tasks.filter(({ status }) => status === 'completed'));
  const checks = gate?.checks.map(({ name, passed }) => `${name} ${passed}`) ?? [];
  return workMark(
    hashOf([tree, ...proved.sort(), `${gate?.passed}`, ...checks]),
    hashOf(titles(tasks).sort()),
  );
}

function hashOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24);
}
