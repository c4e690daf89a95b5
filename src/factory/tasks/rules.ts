import type { Evidence, Task, TaskList, TaskStatus } from './task.ts';

/** A task that the factory has not yet settled: neither proved nor given up. */
export function isOpen(task: Task): boolean {
  return task.status !== 'completed' && task.status !== 'skipped';
}

export function openTasks(list: TaskList): Task[] {
  return list.tasks.filter(isOpen);
}

/** What `add_tasks` and `df tasks add` ask for. */
export interface NewTask {
  title: string;
  description?: string;
  priority?: number;
  /** Ids or titles, of tasks in the list or of others in the same call. */
  dependencies?: readonly string[];
  criteria?: readonly { name: string; command: string; expectedExitCode?: number }[];
}

export type TaskOutcome<T> = { ok: true; value: T } | { ok: false; problem: string };

export const MAX_TASKS = 10_000;

/**
 * Adds tasks, all or none.
 *
 * @param ids one fresh id per new task, in the same order
 * @returns the new list, or a sentence that says which task is wrong and how to mend it
 */
export function addTasks(
  list: TaskList,
  wanted: readonly NewTask[],
  context: { now: Date; ids: readonly string[]; persona?: string },
): TaskOutcome<TaskList> {
  if (list.tasks.length + wanted.length > MAX_TASKS) {
    return { ok: false, problem: `A project holds at most ${MAX_TASKS} tasks.` };
  }
  const fresh = wanted.map((each, index) => newTask(each, context.ids[index] ?? '', context));
  const all = [...list.tasks, ...fresh];
  const dependencies: string[][] = [];
  for (const [index, { title, dependencies: names = [] }] of wanted.entries()) {
    const resolved: string[] = [];
    for (const name of names) {
      const found = findTask(all, name);
      if (!found.ok) return { ok: false, problem: `Task "${title}": dependency "${name}": ${found.problem}` };
      resolved.push(found.value.id);
    }
    dependencies[index] = [...new Set(resolved)];
  }
  const linked = fresh.map((task, index) => ({ ...task, dependencies: dependencies[index] ?? [] }));
  const tasks = [...list.tasks, ...linked];
  const cycle = findCycle(tasks);
  if (cycle !== null) return { ok: false, problem: `The dependencies form a cycle: ${cycle.join(' → ')}.` };
  return { ok: true, value: { ...list, tasks } };
}

function newTask(wanted: NewTask, id: string, { now, persona }: { now: Date; persona?: string }): Task {
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
    criteria: (wanted.criteria ?? []).map((each) => ({
      ...each,
      expectedExitCode: each.expectedExitCode ?? 0,
    })),
    evidence: [],
  };
}

/** By id, unique id prefix of at least four characters, or exact title. */
export function findTask(tasks: readonly Task[], reference: string): TaskOutcome<Task> {
  const exact = tasks.find((task) => task.id === reference);
  if (exact !== undefined) return { ok: true, value: exact };
  const titled = tasks.filter((task) => task.title === reference);
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
    problem:
      known.length === 0 ? 'there are no tasks yet.' : `there is no such task. Known: ${known.join(', ')}.`,
  };
}

/** Titles along a dependency cycle, or `null`. Depth-first with colours, without recursion: lists may be long. */
function findCycle(tasks: readonly Task[]): string[] | null {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const state = new Map<string, 'open' | 'done'>();
  for (const start of tasks) {
    const path: { task: Task; next: number }[] = [{ task: start, next: 0 }];
    while (path.length > 0) {
      const top = path[path.length - 1];
      if (top === undefined) break;
      if (top.next === 0) {
        if (state.get(top.task.id) === 'done') {
          path.pop();
          continue;
        }
        state.set(top.task.id, 'open');
      }
      const dependency = byId.get(top.task.dependencies[top.next] ?? '');
      top.next += 1;
      if (dependency === undefined) {
        if (top.next > top.task.dependencies.length) {
          state.set(top.task.id, 'done');
          path.pop();
        }
      } else if (state.get(dependency.id) === 'open') {
        const from = path.findIndex(({ task }) => task.id === dependency.id);
        return [...path.slice(from).map(({ task }) => task.title), dependency.title];
      } else {
        path.push({ task: dependency, next: 0 });
      }
    }
  }
  return null;
}

/** Replaces one task of the list. */
export function withTask(list: TaskList, id: string, change: (task: Task) => Task): TaskList {
  return { ...list, tasks: list.tasks.map((task) => (task.id === id ? change(task) : task)) };
}

/**
 * A status that somebody sets without proof: anything but `completed`.
 *
 * Setting a completed task back to work is allowed; its evidence stays as history, its confidence is gone.
 */
export function setStatus(
  task: Task,
  status: Exclude<TaskStatus, 'completed'>,
  note: string | undefined,
  now: Date,
): Task {
  const { completedAt: _completedAt, ...rest } = task;
  return {
    ...rest,
    status,
    completionConfidence: 0,
    ...(status === 'in_progress' && task.startedAt === undefined ? { startedAt: now } : {}),
    verificationNotes: note ? [...task.verificationNotes, note] : task.verificationNotes,
  };
}

/**
 * Settles a claim of completion by what the factory's own commands showed.
 *
 * @param evidence one entry per criterion that was run; the claim holds when there is at least one and all passed
 */
export function settleClaim(task: Task, evidence: readonly Evidence[], now: Date): Task {
  const proved = evidence.length > 0 && evidence.every((each) => each.passed);
  const judged: Task = { ...task, evidence: [...task.evidence, ...evidence], lastVerifiedAt: now };
  const confidence = completionConfidence(judged);
  if (!proved) return { ...setStatus(judged, 'in_progress', undefined, now), lastVerifiedAt: now };
  return {
    ...judged,
    status: 'completed',
    startedAt: task.startedAt ?? now,
    completedAt: now,
    completionConfidence: confidence,
  };
}

/**
 * How sure the evidence makes us, from 0 to 1. No model has a say in it.
 *
 * Of the newest evidence of each name: any failure gives 0; else 0.5 for passing the persona's gate alone, 0.8 for
 * passing every criterion of its own, and 0.15 more when an audit agreed afterwards. 0.95 is the most a factory can know.
 */
export function completionConfidence(task: Pick<Task, 'criteria' | 'evidence'>): number {
  const newest = new Map(task.evidence.map((each) => [`${each.kind}:${each.name}`, each]));
  const current = [...newest.values()];
  const commands = current.filter((each) => each.kind !== 'audit');
  if (commands.length === 0 || current.some((each) => !each.passed)) return 0;
  const base = commands.some((each) => each.kind === 'criterion') ? 0.8 : 0.5;
  return Math.round((base + (current.some((each) => each.kind === 'audit') ? 0.15 : 0)) * 100) / 100;
}

/** Ids of tasks whose dependencies are not all completed or skipped: not yet to be worked on. */
export function waitingTasks(list: TaskList): Set<string> {
  const settled = new Set(list.tasks.filter((task) => !isOpen(task)).map((task) => task.id));
  return new Set(
    list.tasks
      .filter((task) => isOpen(task) && task.dependencies.some((id) => !settled.has(id)))
      .map((task) => task.id),
  );
}

/** The list as the agent is shown it, one line a task. */
export function describeTasks(list: TaskList): string {
  if (list.tasks.length === 0) return 'There are no tasks yet.';
  const waiting = waitingTasks(list);
  return list.tasks
    .map((task) => {
      const wait = waiting.has(task.id) ? ', waits for others' : '';
      const weak = task.criteria.length === 0 ? ', no criteria of its own' : '';
      return `- [${task.status}${wait}] ${task.title} (id ${task.id}, priority ${task.priority}${weak})`;
    })
    .join('\n');
}
