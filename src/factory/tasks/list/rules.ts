import { type Evidence, MOST_RED_RUNS, type Task, type TaskList } from '../../model/task.ts';
import { repeatedFailures, SAME_FAILURES, withEvidence } from '../proof/evidence.ts';
import { isRunOf } from '../proof/runs.ts';
import { followDependencies, waitingTasks } from './dependencies.ts';
import { complete, isOpen, setStatus, withNote } from './status.ts';

export { isOpen, setStatus } from './status.ts';

export function openTasks(list: TaskList): Task[] {
  return list.tasks.filter(isOpen);
}

/** Replaces one task of the list; what depends on it is blocked or unblocked with it. */
export function withTask(list: TaskList, id: string, change: (task: Task) => Task): TaskList {
  return withTasks(list, new Map([[id, change]]));
}

/** The same for several, in one pass. The list itself is returned when nothing changes. */
export function withTasks(list: TaskList, changes: ReadonlyMap<string, (task: Task) => Task>): TaskList {
  const tasks = list.tasks.map((task) => changes.get(task.id)?.(task) ?? task);
  if (tasks.every((task, index) => task === list.tasks[index])) return list;
  return followDependencies({ ...list, tasks });
}

/**
 * Settles a claim of completion by what the factory's own commands showed. A command that failed three times running
 * with nothing changed in between blocks the task: trying the same once more proves nothing new.
 *
 * @param runs one entry per criterion that was run; the claim holds when all passed. None of those that it has: nothing is known, and
 *   nothing changes
 * @param run names it: taken up after a crash it counts once
 */
export function settleClaim(task: Task, runs: readonly Evidence[], now: Date, run: string): Task {
  // Its owner may have given it other criteria while these were run.
  const { criteria } = task;
  const isPresent = (run: Evidence) =>
    run.kind !== 'criterion' || criteria.length === 0 || criteria.some((each) => isRunOf(run, each));
  const evidence = runs.filter(isPresent);
  if (evidence.length === 0) return task;
  const { redRuns = [], ...rest } = task;
  const judged: Task = {
    ...rest,
    evidence: withEvidence(task.evidence, evidence),
    lastVerifiedAt: now,
  };
  if (evidence.every((each) => each.passed)) return complete(judged, undefined, now);
  const red = [...redRuns.filter((each) => each !== run), run].slice(-MOST_RED_RUNS);
  const open = setStatus({ ...judged, redRuns: red }, 'in_progress', undefined, now);
  return blockIfRepeated({ ...open, lastVerifiedAt: now }, now);
}

/** Blocks an open task whose newest failure is the third of its kind with nothing changed in between. */
export function blockIfRepeated(task: Task, now: Date): Task {
  const repeated = repeatedFailures(task.evidence);
  return repeated.length === 0 ? task : setStatus(task, 'blocked', whatWasTried(repeated), now, 'factory');
}

function whatWasTried(failures: readonly Evidence[]): string {
  const tried = failures.map(({ kind, name, command, exitCode, commit, note, outputFile }) => {
    const how =
      kind === 'audit'
        ? `was found incomplete by an audit (${note ?? 'no reason given'})`
        : `failed (\`${command ?? 'no command'}\`, exit code ${exitCode ?? 'none'}${outputFile === undefined ? '' : `, output in ${outputFile}`})`;
    return `"${name}" ${how} ${SAME_FAILURES} times at commit ${commit.slice(0, 12)}`;
  });
  return `Blocked by the factory: ${tried.join('; ')}, with nothing changed in between.`;
}

/** Adds a sentence to a task's notes. */
export function noteOn(task: Task, note: string): Task {
  const verificationNotes = withNote(task, note);
  return verificationNotes === task.verificationNotes ? task : { ...task, verificationNotes };
}

/** Tasks that nothing but somebody's help can move: blocked, or waiting for nothing but blocked ones. */
export function onlyBlockedLeft(list: Pick<TaskList, 'tasks'>): Task[] | null {
  const open = list.tasks.filter(isOpen);
  return open.length > 0 && open.every(({ status }) => status === 'blocked') ? open : null;
}

/** Which tasks are blocked and why, in one sentence for people. */
export function describeBlocked(blocked: readonly Task[]): string {
  const named = blocked.slice(0, 20).map((task) => {
    const why =
      task.blockedBy === 'dependencies' ? 'waits for the others' : (task.verificationNotes.at(-1) ?? '');
    return `"${task.title}"${why === '' ? '' : `: ${why}`}`;
  });
  const more = blocked.length > named.length ? ` and ${blocked.length - named.length} more` : '';
  return `${named.join(' · ')}${more}`;
}

/** The list as the agent is shown it, one line a task. */
export function describeTasks(list: Pick<TaskList, 'tasks'>): string {
  if (list.tasks.length === 0) return 'There are no tasks yet.';
  const waiting = waitingTasks(list);
  return list.tasks
    .map((task) => {
      const wait = waiting.has(task.id) ? ', waits for others' : '';
      const weak = task.weaklySpecified ? ', weakly specified: no criteria of its own' : '';
      const stale = task.evidence.some((each) => each.stale) && task.status === 'completed';
      return `- [${task.status}${wait}${stale ? ', evidence is stale' : ''}] ${task.title} (id ${task.id}, priority ${task.priority}${weak})`;
    })
    .join('\n');
}
