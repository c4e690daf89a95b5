import type { Task, TaskList } from '../../model/task.ts';
import { isOpen } from './status.ts';

/** Ids of open tasks whose dependencies are not all completed or skipped: not yet to be worked on. */
export function waitingTasks({ tasks }: Pick<TaskList, 'tasks'>): Set<string> {
  const open = new Set(tasks.filter(isOpen).map((task) => task.id));
  return new Set(
    tasks
      .filter((task) => open.has(task.id) && task.dependencies.some((id) => open.has(id)))
      .map((task) => task.id),
  );
}

/** What an open task still waits for. */
export function openDependencies(tasks: readonly Task[], task: Task): Task[] {
  const wanted = new Set(task.dependencies);
  return wanted.size === 0 ? [] : tasks.filter((each) => wanted.has(each.id) && isOpen(each));
}

/**
 * Lets `blocked` follow from the dependencies: a pending task that waits for others is blocked by them, and pending again
 * when they are settled. What somebody blocked, began or settled stays as it is.
 *
 * Tasks that do not change keep their identity, and so does the list when none does.
 */
export function followDependencies(list: TaskList): TaskList {
  const waiting = waitingTasks(list);
  let changed = false;
  const tasks = list.tasks.map((task): Task => {
    const waits = waiting.has(task.id);
    if (waits && task.status === 'pending') {
      changed = true;
      return { ...task, status: 'blocked', blockedBy: 'dependencies' };
    }
    if (!waits && task.status === 'blocked' && task.blockedBy === 'dependencies') {
      changed = true;
      const { blockedBy: _blockedBy, ...rest } = task;
      return { ...rest, status: 'pending' };
    }
    return task;
  });
  return changed ? { ...list, tasks } : list;
}

/** Tasks in an order in which each comes after what it depends on. Without recursion: lists may be long. */
export function inDependencyOrder(tasks: readonly Task[]): Task[] {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const ordered = new Set<Task>();
  for (const start of tasks) {
    const path = [{ task: start, next: 0 }];
    const entered = new Set([start.id]);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const id = top.task.dependencies[top.next];
      top.next += 1;
      if (id === undefined) {
        ordered.add(top.task);
        path.pop();
        continue;
      }
      const dependency = byId.get(id);
      if (dependency === undefined || ordered.has(dependency) || entered.has(id)) continue;
      entered.add(id);
      path.push({ task: dependency, next: 0 });
    }
  }
  return [...ordered];
}

/** Titles along a dependency cycle, or `null`. Depth-first with colours, without recursion: lists may be long. */
export function findCycle(tasks: readonly Task[]): string[] | null {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const state = new Map<string, 'open' | 'done'>();
  for (const start of tasks) {
    if (state.has(start.id)) continue;
    state.set(start.id, 'open');
    const path = [{ task: start, next: 0 }];
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const id = top.task.dependencies[top.next];
      top.next += 1;
      if (id === undefined) {
        state.set(top.task.id, 'done');
        path.pop();
        continue;
      }
      const dependency = byId.get(id);
      if (dependency === undefined || state.get(id) === 'done') continue;
      if (state.get(id) === 'open') {
        const from = path.findIndex(({ task }) => task.id === id);
        return [...path.slice(from).map(({ task }) => task.title), dependency.title];
      }
      state.set(id, 'open');
      path.push({ task: dependency, next: 0 });
    }
  }
  return null;
}
