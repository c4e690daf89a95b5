import {
  type Criterion,
  type Evidence,
  OWNER,
  type Task,
  type TaskList,
  type TaskStatus,
} from '../../model/task.ts';
import { criteriaProblem } from '../proof/criteria.ts';
import { isSameCommand } from '../proof/on-base.ts';
import { isRunOf } from '../proof/runs.ts';
import { addTasks, findTask, type NewTask, resolveDependencies, type TaskOutcome, taskIndex } from './add.ts';
import { findCycle, followDependencies } from './dependencies.ts';
import { noteOn, withTask } from './rules.ts';
import { setStatus } from './status.ts';

/** Changes of the owner that agents are told of; older ones have been read long ago. */
const NOTES_KEPT = 20;

export interface OwnerContext {
  now: Date;
  /** A fresh id, for the task that is added or for the note that the agent is given. */
  id: string;
  /** What stands in for the criteria of a task that is added without any. */
  personaCriteria?: readonly Criterion[];
}

export type OwnerOutcome = TaskOutcome<{ list: TaskList; task: Task; text: string }>;

export function addByOwner(
  list: TaskList,
  wanted: NewTask & { persona?: string },
  { now, id, personaCriteria = [] }: OwnerContext,
): OwnerOutcome {
  const { persona, ...task } = wanted;
  const added = addTasks(list, [task], {
    now,
    ids: [id],
    addedBy: OWNER,
    personaCriteria,
    ...(persona === undefined ? {} : { persona }),
  });
  if (!added.ok) return added;
  return withOwnerNote(added.value, id, id, now, `added "${wanted.title}" (${id})`);
}

/** What the owner may change of a task. `completed` is missing: nobody's word completes one. */
export interface OwnerChange {
  title?: string;
  description?: string;
  priority?: number;
  dependencies?: readonly string[];
  /** Take the place of all criteria so far. */
  criteria?: readonly Criterion[];
  persona?: string;
  status?: Exclude<TaskStatus, 'completed'>;
  note?: string;
}

/**
 * Changes a task for its owner. What a completed task has to be was proved of the old wording: a new description or new
 * criteria set it back to work.
 */
export function updateByOwner(
  list: TaskList,
  reference: string,
  change: OwnerChange,
  { now, id }: OwnerContext,
): OwnerOutcome {
  const found = findTask(list.tasks, reference);
  if (!found.ok) return found;
  const before = found.value;
  const problem = criteriaProblem(before.title, change.criteria ?? []);
  if (problem !== null) return { ok: false, problem };
  const linked =
    change.dependencies === undefined
      ? null
      : resolveDependencies(taskIndex(list.tasks), before.title, change.dependencies);
  if (linked !== null && !linked.ok) return linked;
  const changed = withTask(list, before.id, (task) =>
    changeTask(task, change, linked === null ? task.dependencies : linked.value, now),
  );
  const cycle = linked === null ? null : findCycle(changed.tasks);
  if (cycle !== null) return { ok: false, problem: `The dependencies form a cycle: ${cycle.join(' → ')}.` };
  return withOwnerNote(changed, before.id, id, now, describeChange(before, change));
}

function changeTask(task: Task, change: OwnerChange, dependencies: readonly string[], now: Date): Task {
  const { title, description, priority, criteria, persona, status, note } = change;
  const { weaklySpecified: _weaklySpecified, ...rest } = task;
  const changed: Task = {
    ...(criteria === undefined ? task : rest),
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(priority === undefined ? {} : { priority }),
    ...(criteria === undefined ? {} : { criteria: [...criteria], evidence: evidenceFor(task, criteria) }),
    ...(persona === undefined ? {} : { assignedPersona: persona }),
    dependencies: [...dependencies],
  };
  const another = title !== undefined || description !== undefined || criteria !== undefined;
  const reopened = another && task.status === 'completed' ? ('in_progress' as const) : undefined;
  const next = status ?? reopened;
  if (next === undefined) return note === undefined ? changed : noteOn(changed, note);
  const why = note ?? (reopened === undefined ? undefined : 'Its owner changed what has to be true.');
  return setStatus(changed, next, why, now, 'owner');
}

/** What was seen of criteria that stay as they are, and what was judged. */
function evidenceFor(task: Task, criteria: readonly Criterion[]): Evidence[] {
  const stay = task.criteria.filter((old) =>
    criteria.some((each) => each.name === old.name && isSameCommand(each, old)),
  );
  return task.evidence.filter(
    (each) => each.kind === 'audit' || stay.some((criterion) => isRunOf(each, criterion)),
  );
}

function describeChange({ id, title }: Task, change: OwnerChange): string {
  const { status, note, ...others } = change;
  const fields = Object.keys(others);
  const what = [
    ...(status === undefined ? [] : [`set it to ${status}`]),
    ...(fields.length === 0 ? [] : [`changed its ${fields.join(', ')}`]),
    ...(note === undefined ? [] : [`noted: ${note}`]),
  ];
  return `"${title}" (${id}): ${what.join('; ')}`;
}

function withOwnerNote(
  list: TaskList,
  taskId: string,
  noteId: string,
  now: Date,
  text: string,
): OwnerOutcome {
  const ownerNotes = [...(list.ownerNotes ?? []), { id: noteId, at: now, text, taskId }].slice(-NOTES_KEPT);
  const noted = followDependencies({ ...list, ownerNotes });
  const task = noted.tasks.find((each) => each.id === taskId);
  if (task === undefined) return { ok: false, problem: 'the task has disappeared.' };
  return { ok: true, value: { list: noted, task, text } };
}

/** The list without a change that came as its project ended: the task, and what agents would be told, are as they were. */
export function takenBack(list: TaskList, taskId: string, before: TaskList): TaskList {
  const old = before.tasks.find(({ id }) => id === taskId);
  const others = list.tasks.filter(({ id }) => id !== taskId || old !== undefined);
  const tasks = others.map((task) => (task.id === taskId ? (old ?? task) : task));
  return followDependencies({ ...list, tasks, ownerNotes: before.ownerNotes });
}
