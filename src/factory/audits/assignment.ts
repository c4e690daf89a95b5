import { uuidFrom } from '../../lib/ids.ts';
import type { AuditSummary } from '../model/audit-summary.ts';
import type { Project } from '../model/project.ts';
import type { Task, TaskList } from '../model/task.ts';
import { setStatus, withTask } from '../tasks/list/rules.ts';

/**
 * The list with the whole assignment as one task, to be judged, where the others do not stand for it: none was planned, all were skipped,
 * whoever did it, or, at the end, an agent skipped some. A project without anything judged must not end as completed.
 */
export function withAssignment(
  list: TaskList,
  project: Pick<Project, 'id' | 'name' | 'description'>,
  kind: AuditSummary['kind'],
  now: Date,
): TaskList {
  const isSkipped = ({ status }: Task) => status === 'skipped';
  const nothingLeft = list.tasks.every(isSkipped);
  const leftOut = list.tasks.some((each) => isSkipped(each) && each.skippedBy !== 'owner');
  if (!nothingLeft && !(leftOut && kind === 'closing')) return list;
  const whole = assignment(project, now);
  const known = list.tasks.find(({ id }) => id === whole.id);
  if (known === undefined) return { ...list, tasks: [...list.tasks, whole] };
  if (!isSkipped(known) || (known.skippedBy === 'owner' && !nothingLeft)) return list;
  return withTask(list, whole.id, (task) => setStatus(task, 'in_progress', OPEN_AGAIN, now, 'factory'));
}

const OPEN_AGAIN = 'Open again: what is left of the tasks does not stand for the assignment.';

function assignment(project: Pick<Project, 'id' | 'name' | 'description'>, now: Date): Task {
  return {
    id: uuidFrom(`${project.id}/assignment`),
    title: project.name,
    description: project.description,
    status: 'in_progress',
    priority: 1,
    dependencies: [],
    createdAt: now,
    startedAt: now,
    completionConfidence: 0,
    verificationNotes: ['Added by the factory: the other tasks do not stand for the assignment.'],
    criteria: [],
    evidence: [],
  };
}
