import type { Criterion, Task, TaskList } from '../../model/task.ts';
import { criteriaProblem } from '../proof/criteria.ts';
import { findCycle, followDependencies } from './dependencies.ts';

/** What `add_tasks` and `df tasks add` ask for. */
export interface NewTask {
  title: string;
  description?: string;
  priority?: number;
  /** Ids or titles, of tasks in the list or of others in the same call. */
  dependencies?: readonly string[];
  criteria?: readonly { name: string; command: string; expectedExitCode?: number }[];
}

/** `missing`: what is named is not there. */
export type TaskOutcome<T> = { ok: true; value: T } | { ok: false; problem: string; missing?: true };

const MAX_TASKS = 10_000;

export interface AddContext {
  now: Date;
  /** One fresh id per new task, in the same order. */
  ids: readonly string[];
  persona?: string;
  /** Who writes them; see `Task.addedBy`. */
  addedBy?: string;
  /** Criteria of tasks that come without any (`criteriaOfPersona`). */
  personaCriteria?: readonly Criterion[];
}

/**
 * Adds tasks, all or none.
 *
 * @returns the new list, or a sentence that says which task is wrong and how to fix it
 */
export function addTasks(
  list: TaskList,
  wanted: readonly NewTask[],
  context: AddContext,
): TaskOutcome<TaskList> {
  if (list.tasks.length + wanted.length > MAX_TASKS) {
    return { ok: false, problem: `A project holds at most ${MAX_TASKS} tasks.` };
  }
  for (const { title, criteria = [] } of wanted) {
    const problem = criteriaProblem(title, criteria);
    if (problem !== null) return { ok: false, problem };
  }
  const fresh = wanted.map((each, index) => newTask(each, context.ids[index] ?? '', context));
  const lookUp = taskIndex([...list.tasks, ...fresh]);
  const linked: Task[] = [];
  for (const [index, task] of fresh.entries()) {
    const found = resolveDependencies(lookUp, task.title, wanted[index]?.dependencies ?? []);
    if (!found.ok) return found;
    linked.push({ ...task, dependencies: found.value });
  }
  const tasks = [...list.tasks, ...linked];
  const cycle = findCycle(tasks);
  if (cycle !== null) return { ok: false, problem: `The dependencies form a cycle: ${cycle.join(' → ')}.` };
  return { ok: true, value: followDependencies({ ...list, tasks }) };
}

function newTask(
  wanted: NewTask,
  id: string,
  { now, persona, addedBy, personaCriteria = [] }: AddContext,
): Task {
  const own = (wanted.criteria ?? []).map((each) => ({
    ...each,
    expectedExitCode: each.expectedExitCode ?? 0,
  }));
  return {
    id,
    title: wanted.title,
    description: wanted.description ?? '',
    status: 'pending',
    priority: wanted.priority ?? 3,
    dependencies: [],
    ...(persona === undefined ? {} : { assignedPersona: persona }),
    createdAt: now,
    completionConfidence: 0,
    verificationNotes: [],
    criteria: own.length > 0 ? own : [...personaCriteria],
    evidence: [],
    ...(own.length > 0 ? {} : { weaklySpecified: true }),
    ...(addedBy === undefined ? {} : { addedBy }),
  };
}

/** Ids of the tasks that are named, each once. @param title of the task that depends on them, for the message */
export function resolveDependencies(
  lookUp: TaskLookup,
  title: string,
  names: readonly string[],
): TaskOutcome<string[]> {
  const ids = new Set<string>();
  for (const name of names) {
    const found = lookUp(name);
    if (!found.ok) return { ...found, problem: `Task "${title}": dependency "${name}": ${found.problem}` };
    ids.add(found.value.id);
  }
  return { ok: true, value: [...ids] };
}

export type TaskLookup = (reference: string) => TaskOutcome<Task>;

/** Looks tasks up by id or exact title at once, and by a unique beginning of the id (four characters) by searching. */
export function taskIndex(tasks: readonly Task[]): TaskLookup {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const byTitle = grouped(tasks);
  return (reference) => {
    const exact = byId.get(reference);
    if (exact !== undefined) return { ok: true, value: exact };
    const titled = byTitle.get(reference) ?? [];
    const matches =
      titled.length > 0 || reference.length < 4
        ? titled
        : tasks.filter((task) => task.id.startsWith(reference.toLowerCase()));
    const [only] = matches;
    if (only !== undefined && matches.length === 1) return { ok: true, value: only };
    if (only !== undefined)
      return { ok: false, problem: `"${reference}" names ${matches.length} tasks; use the id.` };
    const known = tasks.slice(0, 20).map((task) => `${task.id} (${task.title})`);
    return {
      ok: false,
      missing: true,
      problem:
        known.length === 0 ? 'there are no tasks yet.' : `there is no such task. Known: ${known.join(', ')}.`,
    };
  };
}

function grouped(tasks: readonly Task[]): Map<string, Task[]> {
  const groups = new Map<string, Task[]>();
  for (const task of tasks) {
    const group = groups.get(task.title);
    if (group === undefined) groups.set(task.title, [task]);
    else group.push(task);
  }
  return groups;
}

/** By id, unique id prefix of at least four characters, or exact title. */
export function findTask(tasks: readonly Task[], reference: string): TaskOutcome<Task> {
  return taskIndex(tasks)(reference);
}
